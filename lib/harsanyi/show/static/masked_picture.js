// Masked picture: switch players on and off; the dividends inside T add up to v(x_T).

const STRONGEST = 6; // interactions listed one by one

function render({ model, el }) {
  const scene = read(model);
  const state = { mask: scene.values.length - 1, focus: null };
  const parts = [stage(scene, state, flip), readout(scene, state),
    controls(scene, state, flip, set), ledger(scene, state, point)];
  function set(mask) {
    Object.assign(state, { mask, active: activeIn(mask, scene.dividends) });
    parts.forEach((part) => part.update());
  }
  function flip(player) {
    set(state.mask ^ (1 << player));
  }
  function point(mask) {
    state.focus = mask;
    parts.forEach((part) => part.update());
  }
  el.replaceChildren(
    heading(el.parentNode.getAttribute("aria-label"), "Tap a patch of the picture, or its button, to mask it or bring "
      + "it back. Tap an interaction in the list to see its patches."),
    node("div", { class: "hx-desk" }, ...parts.map((part) => part.element)));
  set(state.mask);
}

// The model's data, decoded, with each player's outline and a short tag to write on it.
function read(model) {
  const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const [channels, height, width] = model.get("shape");
  const names = model.get("names"), values = model.get("values"), owner = decode(model.get("owner"));
  const size = Math.floor(Math.log10(Math.max(...values.map(Math.abs)) || 1));
  return {
    channels, height, width, names, values, owner, dividends: model.get("dividends"),
    image: decode(model.get("image")), baseline: decode(model.get("baseline")),
    valueName: model.get("valueName"), logOdds: model.get("logOdds"),
    tags: names.every((name) => name.length <= 3) ? names : names.map((_, i) => String(i + 1)),
    areas: names.map((_, i) => outline(owner, width, height, i)),
    digits: size < 0 ? 2 - size : Math.max(0, 3 - Math.max(1, size)),
  };
}

// The interactions inside a coalition, strongest first.
function activeIn(whole, dividends) {
  const found = [];
  for (let mask = 1; mask <= whole; mask++) {
    if (isSubset(mask, whole) && Math.abs(dividends[mask]) > 1e-9) found.push({ mask, value: dividends[mask] });
  }
  return found.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}

// Draw x_T: pixels of absent players show the baseline.
function paint(canvas, scene, whole) {
  const { channels, height, width, owner } = scene, plane = height * width;
  const pixels = new ImageData(width, height);
  for (let p = 0; p < plane; p++) {
    const kept = owner[p] === 255 || (whole >> owner[p]) & 1;
    const source = kept ? scene.image : scene.baseline;
    for (let c = 0; c < 3; c++) pixels.data[4 * p + c] = source[(channels === 3 ? c * plane : 0) + p];
    pixels.data[4 * p + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

// The picture, with every player outlined and the pointed-at interaction drawn over it.
function stage(scene, state, flip) {
  const { width, height, areas, tags } = scene, unit = Math.max(width, height) / 28;
  const canvas = node("canvas", { width, height });
  const edges = areas.map((area) => shape("g", {}, shape("path", { d: area.edge }), shape("path", { d: area.edge })));
  const frames = shape("g", { class: "hx-frames" }, ...edges);
  const texts = areas.map((area, i) => shape("text", { x: area.left + 0.2 * unit, y: area.top + unit, "font-size": unit }, tags[i]));
  const overlay = shape("g", {});
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    frames, overlay, ...texts);
  svg.addEventListener("click", (event) => {
    const player = nearest(scene, svg.getBoundingClientRect(), event);
    if (player != null) flip(player);
  });
  function update() {
    paint(canvas, scene, state.mask);
    const off = (_, i) => !((state.mask >> i) & 1);
    [...edges, ...texts].forEach((mark, i) => mark.setAttribute("class", off(mark, i % areas.length) ? "hx-off" : "hx-on"));
    frames.append(...edges.filter(off)); // over their neighbours' frames
    const pointed = focusOf(state);
    overlay.replaceChildren(...(pointed ? drawn(pointed, areas) : []));
  }
  const name = "the masked picture; the buttons below switch its patches";
  const element = node("div", { class: "hx-stage", role: "img", "aria-label": name }, canvas, svg);
  return { element, update };
}

// The player under the pointer, or the nearest one within 22 screen pixels.
function nearest(scene, box, event) {
  const scale = scene.width / box.width;
  const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
  let best = null, distance = 22 * scale;
  scene.owner.forEach((player, p) => {
    if (player === 255) return;
    const away = Math.max(Math.abs((p % scene.width) + 0.5 - x), Math.abs(Math.floor(p / scene.width) + 0.5 - y)) - 0.5;
    if (away < distance) [best, distance] = [player, away];
  });
  return best;
}

// The interaction to draw: the one the reader chose while it is listed, else the strongest.
function focusOf(state) {
  const listed = state.active.slice(0, STRONGEST);
  return listed.find(({ mask }) => mask === state.focus) || listed[0];
}

// The value, large; the probability; how much of the picture is there.
function readout(scene, state) {
  const value = node("output", { class: "hx-big", "aria-live": "polite" });
  const chance = node("output", { class: "hx-big" });
  const share = node("div", { class: "hx-note" });
  const probability = node("div", {}, node("div", { class: "hx-note" }, "probability"), chance);
  const element = node("div", { class: "hx-readout" }, node("div", { class: "hx-numbers" },
    node("div", {}, node("div", { class: "hx-note" }, valueOfT(), ", " + scene.valueName), value),
    ...(scene.logOdds ? [probability] : [])), share);
  function update() {
    const v = scene.values[state.mask];
    value.textContent = format(v, scene.digits);
    const p = 1 / (1 + Math.exp(-v));
    chance.textContent = p > 0.9995 ? "> 0.999" : p < 0.0005 ? "< 0.001" : p.toFixed(3);
    share.textContent = `${order(state.mask)} of ${scene.names.length} patches present`;
  }
  return { element, update };
}

function controls(scene, state, flip, set) {
  const { names, tags, values } = scene, everyone = values.length - 1;
  const extreme = (choose) => values.indexOf(choose(...values));
  const toggles = tags.map((tag, i) => toggle(tag, `patch ${names[i]}`, () => flip(i)));
  const element = node("div", { class: "hx-controls" },
    node("div", { class: "hx-row", role: "group", "aria-label": "patches" }, ...toggles.map((t) => t.button)),
    node("div", { class: "hx-row" },
      push("All", () => set(everyone)), push("None", () => set(0)),
      push("Random", () => set(Math.floor(Math.random() * values.length))),
      push("Min v", () => set(extreme(Math.min))), push("Max v", () => set(extreme(Math.max)))));
  return { element, update: () => toggles.forEach((t, i) => t.press((state.mask >> i) & 1)) };
}
