// 0 is dark, positive numbers are orange, negative ones blue, the largest pale.
const ramp = stops => Array.from({length: 256}, (_, i) => {
  const at = i / 255 * (stops.length - 1), k = Math.min(stops.length - 2, Math.floor(at)), t = at - k;
  return stops[k].map((v, c) => Math.round(v + t * (stops[k + 1][c] - v)));
});
const WARM = ramp([[16, 20, 26], [122, 54, 6], [213, 94, 0], [255, 163, 77], [255, 240, 214]]);
const COLD = ramp([[16, 20, 26], [0, 62, 104], [0, 114, 178], [86, 180, 233], [214, 240, 255]]);
const color = (byte, signed) => !signed ? WARM[byte] : byte < 128 ? COLD[Math.min(255, 2 * (128 - byte))] : WARM[Math.min(255, 2 * (byte - 128))];
const MARK = "#00E5A8", GAP = 3, LABELS = 18;

class View extends Sending {
  constructor(root) {
    super();
    this.root = root; this.rows = []; this.pick = null; this.shape = "";
    this.observer = new ResizeObserver(() => { if (root.clientWidth !== this.width) this.paint(); });
    this.observer.observe(root);
  }
  build(layers) {
    this.root.replaceChildren(); this.box = element(this.root, "div", "net");
    this.rows = layers.map(layer => {
      const row = {node: element(this.box, "section", "layer")};
      row.head = element(row.node, "button", "head"); row.head.type = "button";
      row.title = element(row.head, "span", "title"); row.size = element(row.head, "span", "size"); row.count = element(row.head, "span", "count");
      row.body = element(row.node, "div", "body"); row.canvas = element(row.body, "canvas"); row.note = element(row.body, "div", "note"); row.canvas.tabIndex = 0; row.canvas.setAttribute("role", "application");
      row.more = element(row.node, "div", "more");
      row.detail = element(row.node, "div", "detail"); row.zoomBox = element(row.detail, "div", "zoom");
      row.zoom = element(row.zoomBox, "canvas"); row.zoom.tabIndex = 0; row.zoom.setAttribute("role", "application");
      row.words = element(row.zoomBox, "div", "under"); row.html = element(row.detail, "div", "html");
      row.head.onclick = () => this.take({layer: row.layer.number, unit: -1, row: -1, column: -1});
      this.listen(row, row.canvas, e => this.hit(row, e)); this.listen(row, row.zoom, e => this.zoomed(row, e));
      return row;
    });
  }
  listen(row, canvas, place) {
    canvas.onpointerdown = e => {
      if (e.button) return;
      const at = place(e);
      if (!at) return;
      canvas.setPointerCapture(e.pointerId); canvas.held = true; this.take(at);
    };
    canvas.onpointermove = e => {
      const at = place(e); canvas.style.cursor = at ? "crosshair" : "";
      if (canvas.held && canvas === row.zoom && at) this.take(at);
      else if (at) canvas.title = this.says(row.layer, at);
    };
    canvas.onpointerup = canvas.onpointercancel = () => { canvas.held = false; this.flush(); };
    canvas.onkeydown = e => this.key(row, e);
  }
  says(layer, at) {
    const [h, w] = layer.full, y = Math.min(layer.h - 1, Math.floor(at.row * layer.h / h)), x = Math.min(layer.w - 1, Math.floor(at.column * layer.w / w));
    const where = layer.labels ? layer.labels[at.unit] : layer.maps ? `map ${at.unit + 1}, row ${at.row + 1}, column ${at.column + 1}` : `unit ${at.unit + 1}`;
    if (!layer.bytes || layer.rgb) return where;
    const byte = layer.bytes[(at.unit * layer.h + y) * layer.w + x], value = layer.signed ? (byte - 128) / 127 * layer.top : byte / 255 * layer.top;
    return `${where}: about ${value.toPrecision(2)}`;
  }
  // Where the pointer is: in CSS pixels from the canvas's corner, then which tile, then which pixel of its map.
  hit(row, e) {
    const g = row.grid, layer = row.layer;
    if (!g || !layer.bytes) return null;
    const r = row.canvas.getBoundingClientRect(), x = e.clientX - r.left, y = e.clientY - r.top;
    const c = Math.floor(x / g.stepX), l = Math.floor(y / g.stepY), unit = l * g.columns + c;
    const u = x - c * g.stepX, v = y - l * g.stepY;
    if (c < 0 || c >= g.columns || unit < 0 || unit >= g.tiles || u >= g.tileW || v >= g.tileH) return null;
    return this.placed(layer, unit, u / g.tileW, v / g.tileH);
  }
  zoomed(row, e) {
    const r = row.zoom.getBoundingClientRect(), layer = row.layer;
    const share = [(e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height].map(v => Math.min(.9999, Math.max(0, v)));
    return this.placed(layer, layer.rgb ? this.pick.unit : this.pick.unit, share[0], share[1]);
  }
  placed(layer, unit, x, y) {
    return {layer: layer.number, unit, row: Math.floor(y * layer.full[0]), column: Math.floor(x * layer.full[1])};
  }
  key(row, e) {
    const layer = row.layer, step = {ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0], ArrowUp: [-1, 0, 0], ArrowDown: [1, 0, 0], PageDown: [0, 0, 1], PageUp: [0, 0, -1]}[e.key];
    if (!step || !layer.bytes) return;
    e.preventDefault();
    const now = this.pick && this.pick.layer === layer.number ? this.pick : {unit: 0, row: 0, column: 0};
    const clip = (v, n) => Math.min(n - 1, Math.max(0, v));
    const across = layer.maps ? step[2] : step[0] + step[1] + step[2];
    this.take({layer: layer.number, unit: clip(now.unit + across, layer.count), row: clip(now.row + (layer.maps ? step[0] : 0), layer.full[0]),
      column: clip(now.column + (layer.maps ? step[1] : 0), layer.full[1])});
  }
  take(at) {
    const p = this.pick;
    if (p && at.layer === p.layer && at.unit === p.unit && at.row === p.row && at.column === p.column) return;
    if (at.unit >= 0) { const moved = !p || p.layer !== at.layer; this.pick = at; if (!moved) this.paint(); }
    this.next = at; this.dirty = true; this.root.setAttribute("aria-busy", "true"); this.flush();
  }
  newest() { return ["pick", this.next]; }
  show(data) {
    const shape = JSON.stringify(data.layers.map(layer => [layer.number, layer.title]));
    if (shape !== this.shape) { this.shape = shape; this.build(data.layers); }
    if (!this.dirty) this.pick = data.pick;
    this.marks = data.marks || []; this.chosen = data.pick ? data.pick.layer : null;
    data.layers.forEach((layer, i) => {
      const row = this.rows[i]; row.layer = layer;
      layer.bytes = layer.data ? Uint8Array.from(atob(layer.data), c => c.charCodeAt(0)) : null;
      row.title.textContent = layer.title; row.size.textContent = layer.size; row.count.textContent = layer.parameters;
      row.note.textContent = layer.note || ""; row.canvas.setAttribute("aria-label", layer.label); row.zoom.setAttribute("aria-label", `${layer.label}, the chosen map enlarged`);
      const on = layer.number === this.chosen;
      row.node.classList.toggle("on", on); row.head.setAttribute("aria-expanded", on); row.detail.hidden = !on;
      if (on && row.text !== data.detail) { row.text = data.detail; row.html.innerHTML = data.detail; }
      if (on) row.words.textContent = data.under || "";
    });
    this.paint();
    this.root.dataset.drawn = 1 + Number(this.root.dataset.drawn || 0);
  }
  paint() {
    this.width = this.root.clientWidth;
    for (const row of this.rows) if (row.layer) { this.paintTiles(row); this.paintZoom(row); }
  }
  // How a layer's maps or units are laid out: in one line, all of them where it is chosen.
  layout(layer, width, on) {
    const n = layer.shown;
    let tileW, tileH, gap = GAP, label = 0;
    if (layer.maps) {
      const side = layer.number < 0 ? 84 : on ? (n <= 16 ? 84 : n <= 40 ? 66 : 48) : 44, long = Math.max(layer.full[0], layer.full[1]);
      tileW = Math.max(6, Math.round(side * layer.full[1] / long)); tileH = Math.max(6, Math.round(side * layer.full[0] / long));
    } else if (layer.labels && n <= 12) { label = LABELS; tileW = Math.min(64, Math.floor((width + gap) / n) - gap); tileH = 26; }
    else { tileW = tileH = n <= 24 ? 22 : n <= 160 ? 15 : on ? 10 : 8; gap = n <= 160 ? 2 : 1; }
    const columns = Math.max(1, Math.floor((width + gap) / (tileW + gap)));
    const lines = on ? Infinity : layer.maps ? 1 : n <= 160 ? 3 : 4;
    const tiles = Math.min(n, columns * lines);
    return {tileW, tileH, columns: Math.min(columns, n), tiles, stepX: tileW + gap, stepY: tileH + gap + label, label, rows: Math.ceil(tiles / columns)};
  }
  fit(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d"); pen.setTransform(ratio, 0, 0, ratio, 0, 0); pen.imageSmoothingEnabled = false;
    return pen;
  }
  image(layer, unit) {
    const {h, w} = layer, small = document.createElement("canvas"); small.width = w; small.height = h;
    const pen = small.getContext("2d"), image = pen.createImageData(w, h);
    for (let i = 0; i < h * w; i++) {
      const rgb = layer.rgb === 3 ? [0, 1, 2].map(c => layer.bytes[3 * i + c]) : layer.rgb ? Array(3).fill(layer.bytes[i]) : color(layer.bytes[unit * h * w + i], layer.signed);
      image.data.set([...rgb, 255], 4 * i);
    }
    pen.putImageData(image, 0, 0);
    return small;
  }
  paintTiles(row) {
    const layer = row.layer, on = layer.number === this.chosen;
    row.canvas.hidden = !layer.bytes; row.more.textContent = ""; row.grid = null;
    if (!layer.bytes) return;
    const g = row.grid = this.layout(layer, Math.max(40, row.node.clientWidth - 26), on);
    const pen = this.fit(row.canvas, g.columns * g.stepX, g.rows * g.stepY), style = getComputedStyle(this.root);
    for (let unit = 0; unit < g.tiles; unit++) {
      const x = unit % g.columns * g.stepX, y = Math.floor(unit / g.columns) * g.stepY;
      if (layer.maps) pen.drawImage(this.image(layer, unit), x, y, g.tileW, g.tileH);
      else { pen.fillStyle = `rgb(${color(layer.bytes[unit], layer.signed)})`; pen.fillRect(x, y, g.tileW, g.tileH); }
      if (g.label) {
        pen.fillStyle = style.color; pen.font = `12px ${style.fontFamily}`; pen.textAlign = "center";
        pen.fillText(layer.labels[unit], x + g.tileW / 2, y + g.tileH + 13, g.tileW);
      }
      if (g.tileW >= 10) { pen.strokeStyle = "rgba(128,140,155,.4)"; pen.lineWidth = 1; pen.strokeRect(x + .5, y + .5, g.tileW - 1, g.tileH - 1); }
      this.frame(pen, layer, unit, x, y, g.tileW, g.tileH, 1.5);
    }
    const rest = layer.count - g.tiles;
    if (rest > 0) row.more.textContent = on ? `and ${rest.toLocaleString("en")} more` : `+ ${rest.toLocaleString("en")} more`;
  }
  frame(pen, layer, unit, x, y, w, h, line) {
    const scaleX = w / layer.full[1], scaleY = h / layer.full[0];
    const draw = (left, top, across, down) => {
      // A frame of one pixel of a small tile would not be seen.
      const wide = Math.max(across * scaleX, 5), high = Math.max(down * scaleY, 5);
      const a = x + (left + across / 2) * scaleX - wide / 2, b = y + (top + down / 2) * scaleY - high / 2;
      pen.strokeStyle = "#000"; pen.lineWidth = line + 1.5; pen.strokeRect(a, b, wide, high);
      pen.strokeStyle = MARK; pen.lineWidth = line; pen.strokeRect(a, b, wide, high);
    };
    for (const mark of this.marks) if (mark.layer === layer.number && (mark.unit === null || mark.unit === unit)) draw(mark.left, mark.top, mark.width, mark.height);
    const p = this.pick;
    if (!p || p.layer !== layer.number || (p.unit !== unit && !layer.rgb)) return;
    if (layer.maps && !layer.rgb) { pen.strokeStyle = MARK; pen.lineWidth = 2; pen.strokeRect(x + 1, y + 1, w - 2, h - 2); draw(p.column, p.row, 1, 1); }
    else if (layer.rgb) draw(p.column, p.row, 1, 1);
    else { pen.strokeStyle = "#000"; pen.lineWidth = 3; pen.strokeRect(x + 1, y + 1, w - 2, h - 2); pen.strokeStyle = MARK; pen.lineWidth = 2; pen.strokeRect(x + 1, y + 1, w - 2, h - 2); }
  }
  paintZoom(row) {
    const layer = row.layer, on = layer.number === this.chosen && layer.maps && layer.bytes && this.pick && this.pick.unit < layer.shown;
    row.zoomBox.hidden = !on;
    if (!on) return;
    const long = Math.max(layer.full[0], layer.full[1]), side = 208, w = Math.round(side * layer.full[1] / long), h = Math.round(side * layer.full[0] / long);
    const pen = this.fit(row.zoom, w, h);
    pen.drawImage(this.image(layer, this.pick.unit), 0, 0, w, h);
    this.frame(pen, layer, this.pick.unit, 0, 0, w, h, 2);
  }
}

export default newest(component => {
  const {parentElement, data, setStateValue} = component;
  const view = keptAt(parentElement, () => new View(element(parentElement, "div")));
  view.send = setStateValue;
  if (data.revision !== view.revision) { view.revision = data.revision; view.dirty = false; }
  view.show(data);
  const waits = view.dirty;
  view.answered(data.ack);
  if (!waits && view.acked >= view.seq) view.root.setAttribute("aria-busy", "false");
});
