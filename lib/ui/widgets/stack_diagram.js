const DRAG_PX = 5;

// Maps are sheets as large as the maps, as many as the logarithm of the channels; vectors are bars as long as theirs.
function glyph(block, side) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 64 44"); svg.setAttribute("aria-hidden", "true");
  const out = block.shape;
  if (!out) { shape(svg, "rect", {x: 17, y: 7, width: 30, height: 30, rx: 3, class: "unknown"}); return svg; }
  if (out.length === 1) {
    const width = 8 + 5 * Math.min(10, Math.log2(out[0] + 1));
    shape(svg, "rect", {x: 32 - width / 2, y: 17, width, height: 10, rx: 2.5, class: "sheet"});
    for (let x = 32 - width / 2 + 6; x < 32 + width / 2 - 2; x += 6) shape(svg, "line", {x1: x, x2: x, y1: 17, y2: 27, class: "tick"});
    return svg;
  }
  const sheets = Math.max(1, Math.min(8, Math.round(Math.log2(out[2])) + 1)), size = 5 + 21 * Math.sqrt(Math.max(out[0], out[1]) / side);
  const step = Math.min(3, (40 - size) / sheets), left = 32 - (size + step * (sheets - 1)) / 2, top = 22 - (size + step * (sheets - 1)) / 2;
  for (let i = sheets - 1; i >= 0; i--)
    shape(svg, "rect", {x: left + i * step, y: top + (sheets - 1 - i) * step, width: size, height: size, rx: 1.5, class: "sheet"});
  return svg;
}

class Diagram extends Telling {
  constructor(parent) {
    super("acts"); this.selected = 0;
    const root = element(parent, "div", "diagram"), head = element(root, "div", "row head");
    for (const text of ["", "", "Layer", "Shape", "Parameters", "Multiply-adds"]) element(head, "span", "", text);
    this.list = element(root, "div", "list"); this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox"); this.list.setAttribute("aria-label", "Layers of the network");
    this.list.setAttribute("aria-description", "Arrows select, Alt with arrows moves, Delete removes, D duplicates, Ctrl Z undoes");
    this.list.onkeydown = e => this.key(e);
    this.list.onpointerdown = e => this.press(e); this.list.onpointermove = e => this.drag(e);
    this.list.onpointerup = e => this.drop(e); this.list.onpointercancel = () => this.rest();
    this.total = element(root, "div", "total");
    this.hint = element(root, "div", "hint", "Click or arrows: select · drag or Alt + arrows: move · Delete: remove · D: duplicate · Ctrl + Z: undo");
  }
  show(data) {
    this.blocks = data.blocks; this.last = data.blocks.length - 2; // the output's number; the input has none
    this.answered(data.ack);
    if (!this.unanswered.length) this.selected = data.selected;
    this.total.textContent = data.total;
    if (!this.dragged) this.paint();
  }
  paint() {
    const side = Math.max(...(this.blocks[0].shape || [1]).slice(0, 2));
    this.rows = this.blocks.map((block, place) => this.row(block, place - 1, side));
    this.list.replaceChildren(...this.rows); this.mark();
  }
  row(block, number, side) {
    const node = document.createElement("div");
    node.className = `row ${block.kind}${block.fault ? " fault" : ""}${block.fixed ? " fixed" : ""}`;
    node.dataset.number = number;
    if (number >= 0) { node.id = `layer-${number}`; node.setAttribute("role", "option"); }
    else node.setAttribute("role", "presentation");
    element(node, "span", "grip", block.fixed ? "" : "⠿");
    element(node, "span", "glyph").append(glyph(block, side));
    const words = element(node, "span", "words");
    element(words, "b", "", block.name); element(words, "span", "detail", block.detail);
    const figures = element(node, "span", "figures");
    element(figures, "span", "shape", block.shape_text);
    this.cost(figures, block.parameters, block.parameter_share, "parameters"); this.cost(figures, block.work, block.work_share, "multiply-adds");
    if (block.fault) element(node, "span", "why", block.fault);
    return node;
  }
  cost(node, text, share, unit) {
    const none = !text || text === "0", cell = element(node, "span", `cost${none ? " none" : ""}`);
    element(cell, "span", "number", text === "0" ? "–" : text).title = text && `${text} ${unit}`;
    element(cell, "small", "", unit);
    if (none) return;
    const bar = element(cell, "span", "bar"); element(bar, "i").style.width = `${100 * share}%`;
  }
  mark() {
    for (const row of this.rows) row.setAttribute("aria-selected", Number(row.dataset.number) === this.selected);
    this.list.setAttribute("aria-activedescendant", `layer-${this.selected}`);
  }
  select(number, scroll) {
    if (number < 0 || number > this.last) return;
    this.selected = number; this.mark();
    if (scroll) this.rows[number + 1].scrollIntoView({block: "nearest"});
    this.act("select", number);
  }
  key(e) {
    const step = {ArrowUp: -1, ArrowDown: 1, Home: -this.last - 1, End: this.last + 1}[e.key], at = this.selected, inside = at < this.last;
    if (e.key === "z" && (e.ctrlKey || e.metaKey)) this.act("undo", at);
    else if (e.ctrlKey || e.metaKey) return;
    else if (step && e.altKey) { const to = Math.max(0, Math.min(this.last - 1, at + step)); if (inside && to !== at) { this.act("move", at, to); this.selected = to; } }
    else if (step) this.select(Math.max(0, Math.min(this.last, at + step)), true);
    else if ((e.key === "Delete" || e.key === "Backspace") && inside) this.act("remove", at);
    else if (e.key === "d" && inside) { this.act("duplicate", at); this.selected = at + 1; }
    else return;
    e.preventDefault(); e.stopPropagation();
  }
  press(e) {
    const row = e.target.closest(".row");
    if (!row || e.button) return;
    const number = Number(row.dataset.number);
    if (number < 0) return;
    this.select(number);
    if (number < this.last && (e.pointerType === "mouse" || e.target.closest(".grip"))) { this.from = {number, y: e.clientY}; this.list.setPointerCapture(e.pointerId); }
  }
  drag(e) {
    if (!this.from || (!this.dragged && Math.abs(e.clientY - this.from.y) < DRAG_PX)) return;
    this.dragged = true;
    const middles = this.rows.slice(1, -1).map(row => { const r = row.getBoundingClientRect(); return r.top + r.height / 2; });
    this.gap = middles.filter(y => y < e.clientY - 1).length; // the very middle of a row, whatever it is rounded to, is before it
    this.rows.forEach((row, place) => { row.classList.toggle("before", place === this.gap + 1); row.classList.toggle("lifted", place === this.from.number + 1); });
  }
  drop() {
    if (this.dragged) {
      const from = this.from.number, to = this.gap > from ? this.gap - 1 : this.gap;
      if (to !== from) { this.act("move", from, to); this.selected = to; }
    }
    this.rest();
  }
  rest() { const was = this.dragged; this.from = null; this.dragged = false; if (was) this.paint(); }
  // A selection right after another stands for both.
  act(word, at, to = 0) {
    const last = this.unanswered.at(-1);
    this.tell({do: word, at, to}, earlier => word === "select" && earlier === last && last.do === "select");
  }
}

export default newest(component => {
  const {parentElement, data, setStateValue} = component;
  const diagram = keptAt(parentElement, () => new Diagram(parentElement));
  diagram.send = setStateValue;
  diagram.show(data);
});
