const SIZE = 280, PENS = {fine: 14, medium: 22, broad: 32}, UNDO = 30, DRAWN = 4;
// The last drawings of all pads by their ink: a pad that is built anew, as in another tab of its page, goes on where it was.
const drawn = globalThis.neuralLabDrawn ??= new Map();

class Pad extends Sending {
  constructor(parent) {
    super(60);
    this.revision = null; this.at = null; this.cursor = [SIZE / 2, SIZE / 2];
    this.width = PENS.medium; this.erasing = false; this.past = [];
    const root = element(parent, "div", "root"), box = element(root, "div", "pad");
    this.canvas = element(box, "canvas"); this.canvas.width = this.canvas.height = SIZE;
    this.canvas.tabIndex = 0; this.canvas.setAttribute("role", "img");
    this.hint = element(box, "div", "hint");
    this.tools(element(root, "div", "tools"));
    this.pen = this.canvas.getContext("2d", {willReadFrequently: true});
    this.canvas.onpointerdown = e => {
      if (e.button || this.at) return; // while a stroke is drawn, another finger or the palm draws none
      this.pointer = e.pointerId; this.canvas.setPointerCapture(e.pointerId); this.remember();
      this.erases = this.erasing || e.buttons === 32; this.at = this.middle = this.place(e); this.line(this.at, this.at, this.at); this.changed(false);
    };
    this.canvas.onpointermove = e => {
      if (!this.at || e.pointerId !== this.pointer) return;
      const parts = e.getCoalescedEvents ? e.getCoalescedEvents() : [];
      for (const part of parts.length ? parts : [e]) {
        const to = this.place(part), middle = [(this.at[0] + to[0]) / 2, (this.at[1] + to[1]) / 2];
        this.line(this.middle, this.at, middle); this.at = to; this.middle = middle;
      }
      this.changed(false);
    };
    this.canvas.onpointerup = this.canvas.onpointercancel = e => {
      if (!this.at || e.pointerId !== this.pointer) return;
      this.line(this.middle, this.at, this.at); this.at = null; this.changed(true);
    };
    this.canvas.onkeydown = e => this.key(e);
  }
  tools(bar) {
    const button = (text, label, action) => {
      const node = element(bar, "button", "", text); node.type = "button"; node.title = label; node.setAttribute("aria-label", label); node.onclick = action;
      return node;
    };
    const pick = chosen => { for (const node of this.tips) node.setAttribute("aria-pressed", node === chosen); };
    this.tips = Object.entries(PENS).map(([name, width]) => {
      const node = button("", `${name} pen`, () => { this.width = width; this.erasing = false; pick(node); });
      element(node, "i").style.cssText = `width:${width / 2.2}px;height:${width / 2.2}px`;
      return node;
    });
    const rubber = button("Erase", "Eraser", () => { this.erasing = true; pick(rubber); });
    this.tips.push(rubber); pick(this.tips[1]);
    button("Undo", "Undo", () => this.undo());
    button("Clear", "Clear the pad", () => { this.remember(); this.wipe(); this.changed(true); });
  }
  place(e) {
    const r = this.canvas.getBoundingClientRect();
    return [(e.clientX - r.left) * SIZE / r.width, (e.clientY - r.top) * SIZE / r.height];
  }
  line(from, bend, to) {
    this.pen.globalCompositeOperation = this.erases ? "destination-out" : "source-over";
    this.pen.strokeStyle = "#fff"; this.pen.lineWidth = this.width; this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.beginPath(); this.pen.moveTo(...from); this.pen.quadraticCurveTo(...bend, to[0] + .01, to[1]); this.pen.stroke();
    this.pen.globalCompositeOperation = "source-over";
    this.hint.style.display = "none";
  }
  key(e) { // arrow keys draw, with Shift they only move
    const step = {ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10]}[e.key];
    if (e.key === "Delete" || e.key === "Backspace") { e.preventDefault(); this.remember(); this.wipe(); this.changed(true); }
    if (e.key === "z" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); this.undo(); }
    if (!step) return;
    e.preventDefault();
    const to = this.cursor.map((v, i) => Math.min(SIZE - 10, Math.max(10, v + step[i])));
    if (!e.shiftKey) { this.remember(); this.erases = this.erasing; this.line(this.cursor, to, to); this.changed(false); }
    this.cursor = to;
  }
  remember() { this.past.push(this.pen.getImageData(0, 0, SIZE, SIZE)); if (this.past.length > UNDO) this.past.shift(); }
  undo() {
    const before = this.past.pop();
    if (!before) return;
    this.pen.putImageData(before, 0, 0); this.hint.style.display = before.data.some(Boolean) ? "none" : ""; this.changed(true);
  }
  wipe() { this.pen.clearRect(0, 0, SIZE, SIZE); this.hint.style.display = ""; this.cursor = [SIZE / 2, SIZE / 2]; }
  ink() { // mean of each cell, 0-255
    const pixels = this.pen.getImageData(0, 0, SIZE, SIZE).data, cell = SIZE / this.side, values = new Uint8Array(this.side ** 2);
    for (let row = 0; row < this.side; row++) for (let column = 0; column < this.side; column++) {
      let sum = 0;
      for (let y = 0; y < cell; y++) for (let x = 0; x < cell; x++) sum += pixels[4 * ((row * cell + y) * SIZE + column * cell + x) + 3];
      values[row * this.side + column] = Math.round(sum / cell ** 2);
    }
    return btoa(String.fromCharCode(...values));
  }
  keep(ink) {
    drawn.delete(ink); drawn.set(ink, {image: this.pen.getImageData(0, 0, SIZE, SIZE), past: [...this.past]});
    if (drawn.size > DRAWN) drawn.delete(drawn.keys().next().value);
  }
  show(text, anew) {
    this.wipe();
    if (!text) return;
    const known = anew && drawn.get(text);
    if (known) { this.pen.putImageData(known.image, 0, 0); this.past = [...known.past]; this.hint.style.display = "none"; return; }
    const bytes = atob(text), cell = SIZE / this.side;
    for (let i = 0; i < bytes.length; i++) {
      const value = bytes.charCodeAt(i);
      if (value) { this.pen.fillStyle = `rgba(255,255,255,${value / 255})`; this.pen.fillRect((i % this.side) * cell, Math.floor(i / this.side) * cell, cell, cell); }
    }
    this.hint.style.display = "none";
  }
  changed(now) { this.dirty = true; this.canvas.setAttribute("aria-busy", "true"); this.flush(now); }
  newest() {
    const ink = this.ink();
    if (!this.at) this.keep(ink);
    return ["drawing", {ink, still: !this.at, revision: this.revision}];
  }
}

export default newest(component => {
  const {parentElement, data, setStateValue} = component;
  const pad = keptAt(parentElement, () => new Pad(parentElement));
  pad.send = setStateValue; pad.side = data.side;
  pad.hint.textContent = data.label; pad.canvas.setAttribute("aria-label", data.label);
  if (data.revision !== pad.revision) {
    const anew = pad.revision === null;
    if (!anew) pad.remember();
    pad.revision = data.revision; pad.show(data.ink, anew); pad.dirty = false;
  }
  const waits = pad.dirty;
  pad.answered(data.ack);
  if (!waits && pad.acked >= pad.seq) pad.canvas.setAttribute("aria-busy", "false");
});
