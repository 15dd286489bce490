const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

// Lengths are shares of the image's width; the drawing is a thousand wide.
class Photo extends Telling {
  constructor(root, seq) {
    super("edits", seq); this.revision = null; this.chosen = this.told = null; this.clocks = []; this.circles = new Map(); this.held = null;
    root.replaceChildren();
    const box = element(root, "div", "wrap");
    this.stage = element(box, "div", "stage"); this.side = element(box, "div", "side");
    this.image = element(this.stage, "img");
    this.svg = shape(this.stage, "svg", {role: "group", "aria-label": "Clocks found in the image"});
    this.list = element(this.side, "div", "list"); this.list.setAttribute("role", "list");
    this.empty = element(this.side, "p", "empty");
    const bar = element(this.side, "div", "bar");
    this.add = element(bar, "button", "", "Frame another clock");
    this.remove = element(bar, "button", "", "Remove this one");
    this.full = element(this.side, "p", "hint"); this.full.setAttribute("role", "status");
    this.hint = element(this.side, "p", "hint",
      "Drag a frame's middle to move it, its edge to size it. Keys: arrows move, + and − size, Delete removes.");
    this.add.onclick = () => this.put(this.next(), {x: .5, y: .5 * this.ratio, d: .4 * Math.min(1, this.ratio)});
    this.remove.onclick = () => this.drop();
    this.svg.onpointermove = e => this.move(e);
    this.svg.onpointerup = this.svg.onpointercancel = e => this.release(e);
  }
  next() { let id = 0; while (this.circles.has(id)) id++; return id; }
  put(id, circle) { this.circles.set(id, circle); this.choose(id); this.edit(id, circle); }
  drop() {
    if (this.chosen === null) return;
    const id = this.chosen;
    this.chosen = null; this.circles.delete(id); this.clocks = this.clocks.filter(c => c.id !== id);
    this.edit(id, null); this.draw();
  }
  edit(id, c) { this.tell({id, x: c ? c.x : 0, y: c ? c.y : 0, d: c ? c.d : 0}, earlier => earlier.id === id); }
  choose(id) { // what is chosen without a click, the server was not told
    if (id === this.chosen && id === this.told) return;
    this.chosen = this.told = id; this.send("chosen", id); this.draw();
  }
  at(event) {
    const r = this.svg.getBoundingClientRect();
    return {x: (event.clientX - r.left) / r.width, y: (event.clientY - r.top) / r.width};
  }
  grab(event, id, what) {
    event.preventDefault(); event.stopPropagation();
    if (this.held) return; // another finger
    this.choose(id);
    const p = this.at(event), c = this.circles.get(id);
    this.svg.setPointerCapture(event.pointerId);
    this.held = {id, what, pointer: event.pointerId, dx: c.x - p.x, dy: c.y - p.y, moved: false};
  }
  move(event) {
    if (this.held?.pointer !== event.pointerId) return;
    const p = this.at(event), c = this.circles.get(this.held.id);
    if (!c) return;
    this.held.moved = true;
    if (this.held.what === "move") { c.x = clamp(p.x + this.held.dx, 0, 1); c.y = clamp(p.y + this.held.dy, 0, this.ratio); }
    else c.d = clamp(2 * Math.hypot(p.x - c.x, p.y - c.y), .03, 2);
    this.mine(this.held.id); this.draw();
  }
  release(event) {
    const held = this.held;
    if (held?.pointer !== event.pointerId) return;
    this.held = null;
    if (held.moved) this.edit(held.id, this.circles.get(held.id));
  }
  mine(id) { const clock = this.clocks.find(c => c.id === id); if (clock) clock.mine = true; }
  key(event, id) {
    const step = event.shiftKey ? .05 : .01, c = this.circles.get(id);
    const moves = {ArrowLeft: [-step, 0, 1], ArrowRight: [step, 0, 1], ArrowUp: [0, -step, 1], ArrowDown: [0, step, 1],
      "+": [0, 0, 1.06], "=": [0, 0, 1.06], "-": [0, 0, 1 / 1.06]};
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); this.choose(id); this.drop(); return; }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.choose(id); return; }
    if (!(event.key in moves)) return;
    event.preventDefault();
    const [dx, dy, by] = moves[event.key];
    c.x = clamp(c.x + dx, 0, 1); c.y = clamp(c.y + dy, 0, this.ratio); c.d = clamp(c.d * by, .03, 2);
    this.chosen = id; this.mine(id); this.draw();
    clearTimeout(this.later);
    this.later = setTimeout(() => { // not before: the answer to the choice would take the first steps back
      if (this.chosen === id) this.choose(id);
      if (this.circles.has(id)) this.edit(id, c);
    }, 250);
  }
  draw() {
    const focused = this.svg.getRootNode().activeElement, kept = focused && focused.dataset ? focused.dataset.id : undefined;
    this.svg.setAttribute("viewBox", `0 0 1000 ${1000 * this.ratio}`);
    this.svg.replaceChildren();
    const known = new Map(this.clocks.map(c => [c.id, c]));
    [...this.circles].forEach(([id, c]) => {
      const clock = known.get(id), on = id === this.chosen, still = !(this.held && this.held.id === id && this.held.moved);
      const group = shape(this.svg, "g", {class: `clock ${on ? "on" : ""} ${clock && clock.sure ? "sure" : "unsure"}`});
      const round = {cx: 1000 * c.x, cy: 1000 * c.y, r: 500 * c.d};
      if (clock && clock.path && still) {
        shape(group, "path", {d: clock.path, class: "halo"}); shape(group, "path", {d: clock.path, class: "dial"});
      } else { shape(group, "circle", {...round, class: "halo"}); shape(group, "circle", {...round, class: "dial"}); }
      const body = shape(group, "circle", {...round, class: "body", tabindex: 0, role: "button", "data-id": id,
        "aria-label": `Clock ${this.number(id)}${clock ? ": " + clock.text : ""}`, "aria-pressed": on});
      body.onpointerdown = e => this.grab(e, id, "move");
      body.onkeydown = e => this.key(e, id);
      if (on) {
        shape(group, "circle", {...round, class: "ring"});
        const edge = shape(group, "circle", {...round, class: "edge"});
        edge.onpointerdown = e => this.grab(e, id, "size");
        for (const a of [45, 135, 225, 315]) {
          const t = a * Math.PI / 180;
          shape(group, "circle", {cx: round.cx + round.r * Math.cos(t), cy: round.cy + round.r * Math.sin(t), r: 9, class: "knob"});
        }
      }
      const text = clock ? clock.text : "…", wide = 17 * Math.max(4, text.length) + 46;
      const left = clamp(round.cx - wide / 2, 4, 996 - wide), top = clamp(round.cy - round.r - 52, 4, 1000 * this.ratio - 46);
      const tag = shape(group, "g", {class: "tag", transform: `translate(${left} ${top})`});
      shape(tag, "rect", {width: wide, height: 42, rx: 10});
      shape(tag, "text", {x: 20, y: 22, class: "number"}).textContent = this.number(id);
      shape(tag, "text", {x: 36 + (wide - 46) / 2, y: 22}).textContent = text;
      if (kept === String(id)) body.focus();
    });
    this.table();
  }
  number(id) { return 1 + [...this.circles.keys()].indexOf(id); }
  table() {
    const held = this.side.getRootNode().activeElement, kept = held && held.dataset ? held.dataset.row : undefined;
    this.list.replaceChildren();
    for (const clock of this.clocks) {
      if (!this.circles.has(clock.id)) continue;
      const on = clock.id === this.chosen, item = element(this.list, "div"), row = element(item, "button", `row ${on ? "on" : ""} ${clock.sure ? "sure" : "unsure"}`);
      item.setAttribute("role", "listitem"); row.setAttribute("aria-current", on); row.dataset.row = clock.id;
      const cut = element(row, "img"); cut.src = clock.image; cut.alt = `What the reader sees of clock ${this.number(clock.id)}`;
      const words = element(row, "span", "words");
      element(words, "span", "name", `Clock ${this.number(clock.id)}`);
      element(words, "span", "time", clock.text); element(words, "span", "note", clock.note);
      for (const more of clock.more) element(words, "span", "more", more);
      row.onclick = () => this.choose(clock.id);
      if (kept === String(clock.id)) row.focus();
    }
    this.empty.hidden = this.circles.size > 0; this.remove.disabled = this.chosen === null;
    this.hint.hidden = this.circles.size === 0;
    this.add.disabled = this.circles.size >= this.most;
    this.full.textContent = this.add.disabled ? `An image takes at most ${this.most} frames: remove one to frame another clock.` : "";
  }
  show(data) {
    this.ratio = data.ratio; this.most = data.most; this.empty.textContent = data.empty;
    if (this.image.src !== data.image) { this.image.src = data.image; this.image.alt = data.alt; }
    if (this.revision !== data.revision) { this.revision = data.revision; this.circles.clear(); this.chosen = this.told = null; this.held = null; this.unanswered = []; }
    this.answered(data.ack);
    if (data.ack < this.seq) return; // the answer to an earlier frame
    this.clocks = data.clocks.map(clock => ({...clock}));
    const ids = new Set(this.clocks.map(c => c.id));
    const held = this.held && this.circles.get(this.held.id);
    this.circles = new Map(this.clocks.map(c => [c.id, held && this.held.id === c.id ? held : {x: c.x, y: c.y, d: c.d}]));
    if (!ids.has(this.chosen)) this.chosen = this.clocks.length ? this.clocks[0].id : null;
    this.draw();
  }
}

export default newest(component => {
  const {parentElement, data, setStateValue} = component;
  const photo = keptAt(parentElement, () => new Photo(element(parentElement, "div"), data.ack));
  photo.send = setStateValue;
  photo.show(data);
});
