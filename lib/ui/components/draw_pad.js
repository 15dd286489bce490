const SIZE = 280, PEN = 22;
const pads = new WeakMap();

class Pad {
  constructor(parent) {
    this.seq = this.acked = 0; this.sentAt = 0; this.dirty = false; this.revision = null; this.at = null; this.cursor = [SIZE / 2, SIZE / 2];
    const box = document.createElement("div"); box.className = "pad";
    this.canvas = document.createElement("canvas"); this.canvas.width = this.canvas.height = SIZE;
    this.canvas.tabIndex = 0; this.canvas.setAttribute("role", "img");
    this.hint = document.createElement("div"); this.hint.className = "hint";
    const clear = document.createElement("button"); clear.type = "button"; clear.textContent = "Clear";
    clear.onclick = () => { this.wipe(); this.changed(true); };
    box.append(this.canvas, this.hint, clear); parent.appendChild(box);
    this.pen = this.canvas.getContext("2d", {willReadFrequently: true});
    this.canvas.onpointerdown = e => {
      if (e.button) return;
      this.canvas.setPointerCapture(e.pointerId); this.at = this.place(e); this.line(this.at, this.at); this.changed(false);
    };
    this.canvas.onpointermove = e => {
      if (!this.at) return;
      for (const part of e.getCoalescedEvents ? [...e.getCoalescedEvents(), e] : [e]) { const to = this.place(part); this.line(this.at, to); this.at = to; }
      this.changed(false);
    };
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { if (this.at) { this.at = null; this.changed(true); } };
    this.canvas.onkeydown = e => this.key(e);
  }
  place(e) {
    const r = this.canvas.getBoundingClientRect();
    return [(e.clientX - r.left) * SIZE / r.width, (e.clientY - r.top) * SIZE / r.height];
  }
  line(from, to) {
    this.pen.strokeStyle = "#fff"; this.pen.lineWidth = PEN; this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.beginPath(); this.pen.moveTo(...from); this.pen.lineTo(to[0] + .01, to[1]); this.pen.stroke();
    this.hint.style.display = "none";
  }
  key(e) { // arrow keys draw, with Shift they only move
    const step = {ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10]}[e.key];
    if (e.key === "Delete" || e.key === "Backspace") { e.preventDefault(); this.wipe(); this.changed(true); }
    if (!step) return;
    e.preventDefault();
    const to = this.cursor.map((v, i) => Math.min(SIZE - 10, Math.max(10, v + step[i])));
    if (!e.shiftKey) { this.line(this.cursor, to); this.changed(false); }
    this.cursor = to;
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
  show(text) {
    this.wipe();
    if (!text) return;
    const bytes = atob(text), cell = SIZE / this.side;
    for (let i = 0; i < bytes.length; i++) {
      const value = bytes.charCodeAt(i);
      if (value) { this.pen.fillStyle = `rgba(255,255,255,${value / 255})`; this.pen.fillRect((i % this.side) * cell, Math.floor(i / this.side) * cell, cell, cell); }
    }
    this.hint.style.display = "none";
  }
  changed(now) { this.dirty = true; this.flush(now); }
  flush(now) {
    if (!this.dirty) return;
    const t = performance.now(), free = this.acked >= this.seq || t - this.sentAt > 1000;
    if (free && (now || t - this.sentAt >= 60)) {
      this.dirty = false; this.sentAt = t; this.seq += 1; this.send("drawing", {ink: this.ink(), seq: this.seq});
    } else {
      clearTimeout(this.timer); this.timer = setTimeout(() => this.flush(false), free ? 61 : 1010);
    }
  }
}

export default function (component) {
  const {parentElement, data, setStateValue} = component;
  let pad = pads.get(parentElement);
  if (!pad) { pad = new Pad(parentElement); pads.set(parentElement, pad); }
  pad.send = setStateValue; pad.side = data.side;
  pad.hint.textContent = data.label; pad.canvas.setAttribute("aria-label", data.label);
  if (data.revision !== pad.revision) { pad.revision = data.revision; pad.show(data.ink); pad.dirty = false; }
  pad.acked = Math.max(pad.acked, data.ack || 0);
  if (pad.dirty) pad.flush(false);
}
