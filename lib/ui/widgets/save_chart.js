// The chart is an SVG of the page. Its copy gets a white background, dark text, its title and its legend, and is a file of its own.
const INK = "#1c2733", SCALE = 2, LINE = 20, MARGIN = 12;
const widthOf = text => 7 * text.length;

function drawing({place, title, legend}) {
  const source = document.querySelector(`.st-key-${CSS.escape(place)} svg.marks`);
  if (!source) return null;
  const box = source.viewBox.baseVal, [width, height] = [box.width || source.clientWidth, box.height || source.clientHeight];
  const rows = [[]];
  let x = 0;
  for (const entry of legend) {
    const room = 26 + widthOf(entry.name);
    if (x && x + room > width) { rows.push([]); x = 0; }
    rows[rows.length - 1].push({entry, x}); x += room;
  }
  const top = LINE + (legend.length ? rows.length * LINE : 0) + 6;
  const svg = document.createElementNS(SVG, "svg");
  const [w, h] = [width + 2 * MARGIN, height + top + 2 * MARGIN];
  for (const [key, value] of Object.entries({xmlns: SVG, width: w, height: h, viewBox: `0 0 ${w} ${h}`, color: INK, fill: "none",
    "font-family": "Helvetica, Arial, sans-serif"})) svg.setAttribute(key, value);
  shape(svg, "rect", {width: w, height: h, fill: "#fff"});
  shape(svg, "text", {x: MARGIN, y: MARGIN + 13, fill: INK, "font-size": 14, "font-weight": "bold"}, title);
  rows.forEach((row, line) => row.forEach(({entry, x: left}) => {
    const g = shape(svg, "g", {transform: `translate(${MARGIN + left} ${MARGIN + (line + 1) * LINE + 4})`});
    if (entry.path) shape(g, "path", {d: entry.path, fill: entry.color});
    else shape(g, "path", {d: "M0 6h14", stroke: entry.color, "stroke-width": 2.5, "stroke-dasharray": entry.shape === "dash" ? "4 3" : "none"});
    shape(g, "text", {x: 18, y: 10, fill: INK, "font-size": 12}, entry.name);
  }));
  const copy = source.cloneNode(true);
  for (const text of copy.querySelectorAll(".mark-text.role-mark text"))
    text.setAttribute("style", "paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round");
  copy.removeAttribute("style"); copy.removeAttribute("class");
  for (const [key, value] of Object.entries({x: MARGIN, y: MARGIN + top, width, height})) copy.setAttribute(key, value);
  svg.appendChild(copy);
  return {text: new XMLSerializer().serializeToString(svg), w, h};
}

function save(blob, name) {
  const link = document.createElement("a"), url = URL.createObjectURL(blob);
  link.href = url; link.download = name; link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function saveSvg(data) {
  const made = drawing(data);
  if (made) save(new Blob([made.text], {type: "image/svg+xml"}), `${data.file}.svg`);
}

async function savePng(data) {
  const made = drawing(data);
  if (!made) return;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(made.text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = made.w * SCALE; canvas.height = made.h * SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob(blob => { if (blob) save(blob, `${data.file}.png`); }, "image/png");
}

export default newest(({parentElement, data}) => {
  const root = parentElement.querySelector("span");
  root.replaceChildren();
  const box = element(root, "div");
  for (const [name, act] of [["SVG", saveSvg], ["PNG", savePng]]) {
    const button = element(box, "button", "", name);
    button.title = `Save this chart as ${name}`; button.setAttribute("aria-label", `${data.title} as ${name}`);
    button.onclick = () => act(data);
  }
});
