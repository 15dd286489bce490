// What components share: this text stands before the script of each.
const SVG = "http://www.w3.org/2000/svg";
const element = (parent, tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined) node.textContent = text;
  return parent.appendChild(node);
};
const shape = (parent, tag, attributes, text) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return parent.appendChild(node);
};
const kept = new WeakMap();
// What belongs to a place on the page: made when it is mounted first, the same whenever its data change.
const keptAt = (place, make) => {
  if (!kept.has(place)) kept.set(place, Object.assign(make(), {shownAt: place}));
  return kept.get(place);
};
const numbers = new WeakMap();
// Shows what `show` is given, unless something newer is shown at that place. Streamlit imports a component's script again for
// every change of its data, and Chromium ends imports that wait for one file in any order: the oldest data may come last.
const newest = show => component => {
  const {parentElement, data} = component;
  if (numbers.get(parentElement) > data.number) return;
  numbers.set(parentElement, data.number);
  show(component);
};
// The number of what is sent next. Numbers grow in time, also over what is made anew when its page is visited again: the
// server takes what has a higher number than the last, and something of an earlier visit may arrive late.
const nextNumber = before => Math.max(before + 1, Math.floor(performance.now()));

// A state that changes under the pointer. Only the newest is sent, no sooner than `every` milliseconds after the one before,
// and when that was answered or `patience` is over.
class Sending {
  constructor(every = 40, patience = 1000) {
    this.every = every; this.patience = patience; this.seq = this.acked = this.sentAt = 0; this.dirty = false;
  }
  flush(now = false) {
    if (!this.dirty || !this.shownAt.isConnected) return; // the visitor has gone to another page
    const t = performance.now(), free = this.acked >= this.seq || t - this.sentAt > this.patience;
    if (free && (now || t - this.sentAt >= this.every)) {
      this.dirty = false; this.sentAt = t; this.seq = nextNumber(this.seq);
      const [name, state] = this.newest();
      this.send(name, {...state, seq: this.seq});
    } else {
      clearTimeout(this.timer); this.timer = setTimeout(() => this.flush(), free ? this.every + 1 : this.patience + 10);
    }
  }
  // The server has answered number `ack`.
  answered(ack) { this.acked = Math.max(this.acked, ack || 0); this.flush(); }
}

// Acts of which none may be lost. The server sees what was sent last, so all that it has not answered are sent together, as
// `name`: when those sent before were answered, or `patience` milliseconds later.
class Telling {
  constructor(name, seq = 0, patience = 1500) {
    this.name = name; this.seq = this.sentSeq = seq; this.patience = patience; this.sentAt = 0; this.unanswered = [];
  }
  // `replaces` says of an earlier act whether this one stands for it too.
  tell(act, replaces = () => false) {
    this.seq = nextNumber(this.seq);
    this.unanswered = [...this.unanswered.filter(earlier => !replaces(earlier)), {...act, seq: this.seq}];
    this.flush();
  }
  flush() {
    if (this.sentSeq === this.seq || !this.unanswered.length || !this.shownAt.isConnected) return;
    const t = performance.now(), left = this.sentAt + this.patience - t;
    clearTimeout(this.timer);
    if (left > 0 && this.unanswered[0].seq <= this.sentSeq) { this.timer = setTimeout(() => this.flush(), left + 1); return; }
    this.sentAt = t; this.sentSeq = this.seq; this.send(this.name, this.unanswered);
  }
  // The server has answered number `ack`.
  answered(ack) { this.unanswered = this.unanswered.filter(act => act.seq > (ack || 0)); this.flush(); }
}
