// A table of runs: ticks, stars, sorting by a click on a head, pages. It keeps nothing but what is ticked.

class RunTable {
  constructor(parent) {
    this.seq = 0; this.chosen = new Set(); this.lines = []; this.shape = ""; this.last = null; this.revision = null;
    const box = element(parent, "div", "box");
    this.table = element(element(box, "div", "scroll"), "table");
    this.head = element(element(this.table, "thead"), "tr");
    this.body = element(this.table, "tbody");
    const foot = element(box, "div", "foot");
    this.words = element(foot, "span", "words"); this.words.setAttribute("role", "status");
    this.pages = element(foot, "div", "pages");
    this.parent = parent;
  }
  focused() { return this.parent.activeElement?.dataset?.place; }
  show(data) {
    this.data = data;
    if (data.revision !== this.revision || data.ack >= this.seq) this.chosen = new Set(data.chosen);
    this.revision = data.revision;
    const shape = JSON.stringify([data.columns, data.rows, data.sort, data.page, data.pages, data.size]);
    if (shape !== this.shape) {
      const place = this.focused();
      this.shape = shape; this.heads(); this.rows(); this.footer();
      if (place) this.table.parentElement.parentElement.querySelector(`[data-place="${CSS.escape(place)}"]`)?.focus();
    }
    this.mark();
  }
  heads() {
    const {columns, sort} = this.data;
    this.head.replaceChildren();
    this.all = element(element(this.head, "th", "tick"), "input");
    this.all.type = "checkbox"; this.all.dataset.place = "all"; this.all.setAttribute("aria-label", "Tick all runs of this page");
    this.all.onchange = () => { this.lines.forEach(line => this.set(line.id, this.all.checked)); this.sent(); };
    for (const column of columns) {
      const th = element(this.head, "th", `r${column.rank} ${column.number ? "number" : ""} ${column.key === "starred" ? "star" : ""}`);
      th.scope = "col";
      const up = sort.key === column.key ? (sort.descending ? "descending" : "ascending") : "none";
      th.setAttribute("aria-sort", up);
      const button = element(th, "button", "", column.title);
      button.dataset.place = `sort ${column.key}`; button.title = `Sort by ${column.label}`;
      if (column.key === "starred") button.setAttribute("aria-label", "Sort by star");
      if (up !== "none") element(button, "span", "arrow", up === "descending" ? "↓" : "↑");
      button.onclick = () => this.ask("sort", column.key);
    }
  }
  rows() {
    this.body.replaceChildren();
    this.lines = this.data.rows.map((row, index) => {
      const tr = element(this.body, "tr"), box = element(element(tr, "td", "tick"), "input");
      box.type = "checkbox"; box.dataset.place = `tick ${row.id}`; box.setAttribute("aria-label", `Compare ${row.name}`);
      box.onclick = e => { this.toggle(index, e.shiftKey, box.checked); };
      tr.onclick = e => {
        if (e.target.closest("button, input") || String(window.getSelection())) return;
        this.toggle(index, e.shiftKey, !box.checked);
      };
      for (const column of this.data.columns) this.cell(tr, row, column);
      return {id: row.id, tr, box, color: row.color};
    });
  }
  cell(tr, row, column) {
    const td = element(tr, "td", `r${column.rank} ${column.number ? "number" : ""}`);
    if (column.key === "starred") {
      td.classList.add("star");
      const button = element(td, "button", "", row.starred ? "★" : "☆");
      button.dataset.place = `star ${row.id}`; button.disabled = !row.mine;
      button.setAttribute("aria-pressed", String(row.starred)); button.setAttribute("aria-label", `Star ${row.name}`);
      button.title = row.mine ? (row.starred ? "Take the star off" : "Star") : "Not yours: it was started in another browser.";
      button.onclick = () => {
        row.starred = !row.starred;  // at once; the server's answer says the same
        button.textContent = row.starred ? "★" : "☆"; button.setAttribute("aria-pressed", String(row.starred));
        this.ask("star", {id: row.id, on: row.starred});
      };
    } else if (column.key === "name") {
      td.classList.add("name"); td.title = row.name;
      element(td, "div", "called", row.name);
      if (row.fork) element(td, "div", "fork", row.fork);
      if (row.note) element(td, "div", "note", row.note).title = row.note;
      element(td, "div", "under", row.under);
    } else if (column.key === "state") {
      element(td, "span", `state ${row.cells.state}`, row.cells.state).title = row.message;
    } else td.textContent = row.cells[column.key] ?? "";
  }
  footer() {
    const {page, pages, size, sizes} = this.data;
    this.pages.replaceChildren();
    const label = element(this.pages, "label", "", "Rows "), select = element(label, "select");
    select.dataset.place = "size";
    for (const count of sizes) { const option = element(select, "option", "", String(count)); option.selected = count === size; }
    select.onchange = () => this.ask("size", Number(select.value));
    for (const [text, to, name] of [["‹", page - 1, "Previous page"], ["›", page + 1, "Next page"]]) {
      const button = element(this.pages, "button", "", text);
      button.setAttribute("aria-label", name); button.dataset.place = name;
      button.disabled = to < 1 || to > pages; button.onclick = () => this.ask("page", to);
    }
  }
  toggle(index, whole, on) {
    const last = whole ? this.lines.findIndex(line => line.id === this.last) : -1, other = last < 0 ? index : last;
    for (let i = Math.min(index, other); i <= Math.max(index, other); i++) this.set(this.lines[i].id, on);
    this.last = this.lines[index].id; this.sent();
  }
  set(id, on) { if (on) this.chosen.add(id); else this.chosen.delete(id); }
  sent() {
    this.mark(); this.seq = nextNumber(this.seq);
    this.send("chosen", {ids: [...this.chosen], seq: this.seq});
  }
  mark() {
    let on = 0;
    for (const line of this.lines) {
      const ticked = this.chosen.has(line.id); on += ticked;
      line.box.checked = ticked; line.tr.className = ticked ? "chosen" : "";
      line.box.style.setProperty("--mark", line.color || "var(--st-primary-color)");
    }
    this.all.checked = on > 0 && on === this.lines.length; this.all.indeterminate = on > 0 && on < this.lines.length;
    this.words.textContent = this.data.words;
  }
}

export default newest(component => {
  const {parentElement, data, setStateValue, setTriggerValue} = component;
  const table = keptAt(parentElement, () => new RunTable(parentElement));
  table.send = setStateValue;
  table.ask = (what, value) => setTriggerValue("ask", {what, value});
  table.show(data);
});
