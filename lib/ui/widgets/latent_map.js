const SIZE = 420;
const COLORS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C8C8C", "#B8A000", "#7B4FD0", "#6B8E23"];

class LatentMap extends Sending {
  constructor(parent) {
    super();
    this.revision = null; this.place = [0, 0]; this.points = null;
    this.canvas = element(parent, "canvas");
    this.canvas.width = this.canvas.height = SIZE; this.canvas.tabIndex = 0; this.canvas.setAttribute("role", "application");
    this.legend = element(parent, "div", "legend");
    this.pen = this.canvas.getContext("2d");
    const move = e => { this.take(e); };
    this.canvas.onpointerdown = e => { this.canvas.setPointerCapture(e.pointerId); move(e); };
    this.canvas.onpointermove = e => { if (e.pointerType === "mouse" || e.buttons) move(e); };
    this.canvas.onkeydown = e => {
      const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[e.key];
      if (!step) return;
      e.preventDefault();
      const [low, high] = this.range;
      this.place = this.place.map((v, i) => Math.min(high[i], Math.max(low[i], v + step[i] * (high[i] - low[i]) / 60)));
      this.changed();
    };
  }
  take(e) {
    const r = this.canvas.getBoundingClientRect(), [low, high] = this.range;
    const share = [(e.clientX - r.left) / r.width, 1 - (e.clientY - r.top) / r.height].map(v => Math.min(1, Math.max(0, v)));
    this.place = share.map((v, i) => low[i] + v * (high[i] - low[i])); this.changed();
  }
  load(text, labels) {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)), values = new Uint16Array(bytes.buffer);
    const classes = Uint8Array.from(atob(labels), c => c.charCodeAt(0));
    this.points = document.createElement("canvas"); this.points.width = this.points.height = SIZE;
    const pen = this.points.getContext("2d"); pen.globalAlpha = .75;
    for (let i = 0; i < classes.length; i++) {
      pen.fillStyle = COLORS[classes[i] % COLORS.length];
      pen.beginPath(); pen.arc(values[2 * i] / 65535 * SIZE, (1 - values[2 * i + 1] / 65535) * SIZE, 2.2, 0, 7); pen.fill();
    }
    this.legend.replaceChildren(...COLORS.map((color, digit) => {
      const node = document.createElement("span"), dot = document.createElement("i");
      dot.style.background = color; node.append(dot, String(digit)); return node;
    }));
  }
  paint() {
    this.pen.clearRect(0, 0, SIZE, SIZE);
    if (this.points) this.pen.drawImage(this.points, 0, 0);
    const [low, high] = this.range, [x, y] = this.place.map((v, i) => (v - low[i]) / (high[i] - low[i]) * SIZE);
    this.pen.lineWidth = 5; this.pen.strokeStyle = "#fff"; this.ring(x, y); this.pen.lineWidth = 2.5; this.pen.strokeStyle = "#111"; this.ring(x, y);
  }
  ring(x, y) { this.pen.beginPath(); this.pen.arc(x, SIZE - y, 8, 0, 7); this.pen.stroke(); }
  changed() { this.dirty = true; this.paint(); this.flush(); }
  newest() { return ["place", {x: this.place[0], y: this.place[1], revision: this.revision}]; }
}

export default newest(component => {
  const {parentElement, data, setStateValue} = component;
  const map = keptAt(parentElement, () => new LatentMap(parentElement));
  map.send = setStateValue; map.range = [data.low, data.high]; map.canvas.setAttribute("aria-label", data.label);
  if (data.points) map.load(data.points, data.labels);
  if (data.revision !== map.revision) { map.revision = data.revision; map.place = data.place; map.dirty = false; }
  map.paint();
  map.answered(data.ack);
});
