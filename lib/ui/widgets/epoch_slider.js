class EpochSlider extends Sending {
  constructor(parent) {
    super(40, 1500);
    this.held = false; this.epochs = []; this.place = 0;
    const row = element(parent, "div", "row");
    this.text = element(row, "output");
    this.range = element(row, "input");
    this.range.type = "range"; this.range.min = 0; this.range.step = 1; this.range.setAttribute("aria-label", "After epoch");
    this.follow = element(row, "button", "", "Follow the newest");
    this.follow.onclick = () => { this.place = this.epochs.length - 1; this.follows = true; this.changed(); };
    this.range.onpointerdown = () => { this.held = true; };
    // Later: the browser still places the thumb by where the pointer was let go, on the slider as it was then.
    this.range.onpointerup = this.range.onpointercancel = () => setTimeout(() => { this.held = false; this.take(); }, 100);
    this.range.oninput = () => {
      this.place = Number(this.range.value); this.follows = this.live && this.place === this.epochs.length - 1; this.changed();
    };
  }
  /* New epochs lengthen the slider only when nobody holds it: the thumb would move away under the pointer. */
  take() {
    if (this.held || !this.next) return;
    const epoch = this.dirty || this.seq > this.acked ? this.epochs[this.place] : this.next.epoch;
    if (!this.dirty && this.seq <= this.acked) this.follows = this.next.follows;
    this.epochs = this.next.epochs;
    this.place = this.follows ? this.epochs.length - 1 : Math.max(0, this.epochs.findLastIndex(each => each <= epoch));
    this.paint();
  }
  paint() {
    this.range.max = Math.max(this.epochs.length - 1, 0); this.range.value = this.place;
    const newest = this.epochs[this.epochs.length - 1], words = `After epoch ${this.epochs[this.place]} of ${newest}`;
    this.text.textContent = words; this.range.setAttribute("aria-valuetext", words);
    this.range.disabled = this.epochs.length < 2;
    this.follow.hidden = !this.live || this.follows;
  }
  changed() { this.dirty = true; this.paint(); this.flush(); }
  newest() { return ["place", {epoch: this.follows ? 0 : this.epochs[this.place]}]; }
}

export default newest(component => {
  const {parentElement, data, setStateValue} = component;
  const slider = keptAt(parentElement, () => new EpochSlider(parentElement));
  slider.send = setStateValue; slider.live = data.live; slider.next = data;
  slider.acked = Math.max(slider.acked, data.ack || 0);
  slider.take();
  slider.follow.hidden = !slider.live || slider.follows;
  slider.flush();
});
