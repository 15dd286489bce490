const rad = d => d * Math.PI / 180;
const wrap = (v, n) => ((v % n) + n) % n;
const text = m => { m = Math.round(m) % 720; return (Math.floor(m / 60) || 12) + ":" + String(m % 60).padStart(2, "0"); };

class Dial extends Sending {
  constructor(root) {
    super(33);
    this.revision = null; this.minutes = 608; this.rotation = 0;
    this.root = root; root.replaceChildren();
    const box = element(root, "div", "wrap"), left = element(box, "div", "left"), right = element(box, "div", "right");
    this.seen = element(right, "div", "seen"); this.image = element(this.seen, "img"); this.caption = element(this.seen, "span");
    this.body = element(right, "table"); this.note = element(right, "div", "note"); this.lines = []; this.names = null;
    this.svg = shape(left, "svg", {viewBox: "-120 -120 240 240", role: "group", "aria-label": "Clock: drag the hands or the rim"});
    this.ring = shape(this.svg, "g", {});
    shape(this.svg, "circle", {r: 97, class: "face"});
    this.dial = shape(this.svg, "g", {});
    for (let i = 0; i < 60; i++) shape(this.dial, "line", {class: "tick", x1: 0, x2: 0, y1: i % 5 ? -90 : -86, y2: -94,
      "stroke-width": i % 5 ? .8 : 2, transform: `rotate(${6 * i})`});
    for (let h = 1; h <= 12; h++) shape(this.dial, "text", {class: "numeral", transform: `rotate(${30 * h}) translate(0 -75)`}).textContent = h;
    this.hour = shape(this.dial, "line", {class: "hand", y1: 8, y2: -48, "stroke-width": 6});
    this.minute = shape(this.dial, "line", {class: "hand", y1: 10, y2: -70, "stroke-width": 3.5});
    this.ghosts = shape(this.dial, "g", {});
    this.point = shape(this.svg, "circle", {r: 0, class: "ring"});
    this.rim = shape(this.svg, "circle", {r: 104, class: "rim", tabindex: 0, role: "slider", "aria-label": "Turn of the dial in degrees",
      "aria-valuemin": 0, "aria-valuemax": 359});
    this.hourGrip = shape(this.dial, "line", {class: "grip", y1: -12, y2: -46, tabindex: 0, role: "slider", "aria-label": "Hour hand",
      "aria-valuemin": 0, "aria-valuemax": 719});
    this.minuteGrip = shape(this.dial, "line", {class: "grip", y1: -30, y2: -74, tabindex: 0, role: "slider", "aria-label": "Minute hand",
      "aria-valuemin": 0, "aria-valuemax": 719});
    shape(this.svg, "circle", {r: 4.5, fill: "var(--st-primary-color)"});
    const bar = element(left, "div", "bar");
    this.time = element(bar, "span", "time");
    element(bar, "button", "", "Now").onclick = () => {
      const now = new Date(); this.minutes = (now.getHours() % 12) * 60 + now.getMinutes(); this.changed(true);
    };
    element(bar, "button", "", "Upright").onclick = () => { this.rotation = 0; this.changed(true); };
    this.drag(this.hourGrip, a => { this.minutes = wrap(Math.round(2 * a), 720); });
    this.drag(this.minuteGrip, a => this.turnMinuteTo(a));
    let last = null;
    this.drag(this.rim, (a, first, raw) => {
      if (!first) this.rotation = wrap(this.rotation + raw - last, 360);
      last = raw;
    });
    this.keys(this.hourGrip, n => { this.minutes += 60 * n; });
    this.keys(this.minuteGrip, n => { this.minutes += n; });
    this.keys(this.rim, n => { this.rotation += n; });
  }
  turnMinuteTo(angle) {
    const target = Math.round(angle / 6);
    let step = wrap(target - this.minutes, 60);
    if (step > 30) step -= 60;
    this.minutes = wrap(this.minutes + step, 720);
  }
  angle(event) {
    const r = this.svg.getBoundingClientRect();
    return Math.atan2(event.clientX - r.left - r.width / 2, r.top + r.height / 2 - event.clientY) * 180 / Math.PI;
  }
  drag(node, move) {
    let pointer = null; // a second finger on it drags nothing
    const go = (event, first) => {
      const raw = this.angle(event);
      move(wrap(raw - this.rotation, 360), first, raw); this.changed(false);
    };
    node.onpointerdown = e => {
      if (pointer !== null) return;
      pointer = e.pointerId; node.setPointerCapture(pointer); go(e, true);
    };
    node.onpointermove = e => { if (e.pointerId === pointer) go(e, false); };
    node.onpointerup = node.onpointercancel = e => { if (e.pointerId === pointer) { pointer = null; this.changed(true); } };
  }
  keys(node, move) {
    const steps = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10};
    node.onkeydown = e => {
      if (!(e.key in steps)) return;
      e.preventDefault(); move(steps[e.key]);
      this.minutes = wrap(this.minutes, 720); this.rotation = wrap(this.rotation, 360); this.changed(true);
    };
  }
  changed(now) { this.draw(); this.dirty = true; this.flush(now); }
  newest() { return ["pose", {minutes: this.minutes, rotation: this.rotation, revision: this.revision}]; }
  draw() {
    this.dial.setAttribute("transform", `rotate(${this.rotation})`);
    for (const [nodes, a] of [[[this.hour, this.hourGrip], this.minutes / 2], [[this.minute, this.minuteGrip], this.minutes * 6]])
      for (const node of nodes) node.setAttribute("transform", `rotate(${a})`);
    this.time.textContent = text(this.minutes);
    for (const grip of [this.hourGrip, this.minuteGrip]) {
      grip.setAttribute("aria-valuenow", this.minutes); grip.setAttribute("aria-valuetext", text(this.minutes));
    }
    this.rim.setAttribute("aria-valuenow", Math.round(this.rotation));
  }
  show(data) {
    this.ghosts.replaceChildren();
    const rows = data.rows || [], on = data.hands ? rows.filter(row => row.color && row.minutes !== null) : [];
    // One network, one pair: the same colour, the hour hand shorter and broader. Each pair is a little thinner than the
    // one below it, so that equal answers show as stripes and none is hidden.
    on.forEach((row, i) => {
      const pair = shape(this.ghosts, "g", {class: "ghost", stroke: row.color, "data-name": row.name}), share = 1 - i / 8;
      shape(pair, "line", {y2: -38, "stroke-width": 5 * share, transform: `rotate(${row.minutes / 2})`});
      shape(pair, "line", {y2: -66, "stroke-width": 2.8 * share, transform: `rotate(${row.minutes * 6})`});
    });
    this.ring.replaceChildren();
    this.ring.setAttribute("transform", `rotate(${this.rotation})`);
    const p = data.probability || [], n = p.length, top = Math.max(1e-9, ...p);
    p.forEach((v, i) => {
      if (v < .01 * top) return;
      const a = rad(360 * i / n), b = rad(360 * (i + 1) / n), h = 111 + 8 * v / top;
      const at = (r, t) => `${r * Math.sin(t)} ${-r * Math.cos(t)}`;
      shape(this.ring, "path", {class: "ring", d: `M${at(111, a)} L${at(h, a)} L${at(h, b)} L${at(111, b)}Z`, opacity: .35 + .65 * v / top});
    });
    const q = data.point;
    this.point.setAttribute("r", q ? 5 : 0);
    if (q) {
      const t = rad(this.rotation) + Math.atan2(q.x, q.y), r = 90 * Math.min(1.3, Math.hypot(q.x, q.y));
      this.point.setAttribute("cx", r * Math.sin(t)); this.point.setAttribute("cy", -r * Math.cos(t));
    }
    this.seen.hidden = !data.image;
    if (data.image) { this.image.src = data.image; this.image.alt = data.alt || ""; this.caption.textContent = data.caption || ""; }
    this.table(rows, data.most);
    this.note.textContent = data.note || "";
  }
  table(rows, most) {
    const names = JSON.stringify(rows.map(row => row.name));
    if (names !== this.names) { this.names = names; this.build(rows); }
    const full = rows.filter(row => row.color).length >= most;
    rows.forEach((row, i) => {
      const line = this.lines[i];
      line.box.checked = Boolean(row.color); line.box.disabled = full && !row.color;
      line.box.style.accentColor = row.color || ""; line.dot.style.background = row.color || "transparent";
      line.dot.style.borderColor = row.color || "";
      line.answer.textContent = row.text; line.off.textContent = row.off; line.stored.textContent = row.stored;
      const mark = row.right === null ? "" : row.right ? "good" : "bad";
      line.answer.className = `answer ${mark}`; line.off.className = mark;
    });
  }
  build(rows) { // once for each set of networks: a table made anew would take the focus from its boxes
    this.body.replaceChildren();
    if (!rows.length) { this.lines = []; return; }
    const head = element(this.body, "tr");
    for (const title of ["network", "answer", "off by", "mean error"]) element(head, "th", "", title);
    this.lines = rows.map(row => {
      const tr = element(this.body, "tr"), label = element(element(tr, "td"), "label"), box = element(label, "input");
      box.type = "checkbox"; box.setAttribute("aria-label", `${row.name}: hands on the dial`);
      const dot = element(label, "span", "dot");
      label.append(row.name);
      box.onchange = () => this.send("hands", this.lines.filter(line => line.box.checked).map(line => line.name));
      return {name: row.name, box, dot, answer: element(tr, "td"), off: element(tr, "td"), stored: element(tr, "td")};
    });
  }
}

export default newest(component => {
  const {parentElement, data, setStateValue} = component;
  const dial = keptAt(parentElement, () => new Dial(element(parentElement, "div")));
  dial.send = setStateValue;
  if (data.revision !== dial.revision) {
    dial.revision = data.revision; dial.minutes = data.minutes; dial.rotation = data.rotation; dial.dirty = false;
  }
  dial.draw(); dial.show(data);
  dial.answered(data.ack);
});
