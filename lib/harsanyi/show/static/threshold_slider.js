// Threshold slider: which interactions survive a threshold and a noise allowance, and what the
// survivors still reconstruct. Each sample brings its explanations for a few allowances κ.

const LISTED = 6; // survivors listed one by one
const LANES = 24; // survivors drawn beside a sentence
const STARS = 60; // survivors drawn on a picture

function render({ model, el }) {
  const samples = model.get("samples").map(prepare), cuts = model.get("cuts");
  const state = { sample: 0, kappa: model.get("kappa"), cut: model.get("cut"), focus: null };
  const parts = [chooser(samples, state, change), sliders(samples, cuts, state, change), scores(),
    drawing(), survivorList(state, change), tradeOff(cuts)];
  function change(news) {
    Object.assign(state, news);
    const sample = samples[state.sample], level = sample.levels[state.kappa];
    const survivors = surviving(level, cuts[state.cut]);
    if (!survivors.slice(0, LISTED).some((e) => e.key === state.focus)) state.focus = null;
    parts.forEach((part) => part.update({ sample, level, survivors, state }));
  }
  el.replaceChildren(
    heading(el.parentNode.getAttribute("aria-label"), "Move the two sliders: the threshold τ decides which "
      + "interactions count, the allowance κ how much of every output may stay unexplained."),
    node("div", { class: "hx-desk" }, ...parts.map((part) => part.element)));
  change({});
}

// Decode a sample; each effect gets its kind, a key of its own and its share of the strongest.
function prepare(sample) {
  const levels = sample.levels.map((level) => {
    const read = (kind) => level[kind].map(([mask, value]) => ({ kind, mask, value, key: kind + mask }));
    const effects = [...read("and"), ...read("or")].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const strongest = effects.length ? Math.abs(effects[0].value) : 1;
    effects.forEach((e) => { e.share = Math.abs(e.value) / strongest; });
    return { kappa: level.kappa, effects };
  });
  return { ...sample, levels, ...unpacked(sample) };
}

function surviving(level, cut) {
  return level.effects.filter((e) => e.share > cut);
}

// What some effects say about all 2ⁿ outputs: ANDs inside T, and ORs that T meets.
function rebuilt(effects, values) {
  const within = { and: new Float64Array(values.length), or: new Float64Array(values.length) };
  effects.forEach(({ kind, mask, value }) => { within[kind][mask] += value; });
  for (const table of [within.and, within.or]) {
    for (let bit = 1; bit < table.length; bit <<= 1) {
      for (let mask = 0; mask < table.length; mask++) if (mask & bit) table[mask] += table[mask ^ bit];
    }
  }
  const everyone = values.length - 1, total = within.or[everyone];
  return values.map((_, mask) => values[0] + within.and[mask] + total - within.or[everyone ^ mask]);
}

// Root mean square error over all outputs, over their standard deviation: 1 is what a constant reaches.
function errorOf(effects, values) {
  const told = rebuilt(effects, values), mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = (f) => values.reduce((sum, v, mask) => sum + f(v, mask) ** 2, 0);
  return Math.sqrt(square((v, mask) => v - told[mask]) / square((v) => v - mean));
}

function percent(x) {
  return x === 0 ? "0 %" : x < 0.01 ? (100 * x).toFixed(1) + " %" : (100 * x).toFixed(0) + " %";
}

function chooser(samples, state, change) {
  const titles = choice("sample", samples.map((s) => s.title), (sample) => change({ sample, focus: null }));
  titles.element.classList.add("hx-chooser");
  return { element: titles.element, update: () => titles.set(state.sample) };
}

function sliders(samples, cuts, state, change) {
  const threshold = slider("threshold τ", cuts.length, (cut) => change({ cut }));
  const allowance = slider("allowance κ", samples[0].levels.length, (kappa) => change({ kappa }));
  const element = node("div", { class: "hx-sliders" }, threshold.element, allowance.element);
  function update({ level }) {
    const cut = cuts[state.cut];
    threshold.set(state.cut, cut ? percent(cut) + " of the strongest" : "0: all that are not zero");
    allowance.set(state.kappa, level.kappa ? percent(level.kappa) + " of v(N) − v(∅)" : "0: exact");
  }
  return { element, update };
}

// How many survive and how far off the survivors are.
function scores() {
  const count = node("output", { class: "hx-big", "aria-live": "polite" }), kinds = node("div", { class: "hx-note" });
  const error = node("output", { class: "hx-big" }), meaning = node("div", { class: "hx-note" });
  const element = node("div", { class: "hx-scores" },
    node("div", {}, node("div", { class: "hx-note" }, "interactions that survive"), count, kinds),
    node("div", {}, node("div", { class: "hx-note" }, "error of their reconstruction"), error, meaning));
  function update({ sample, survivors }) {
    const ors = survivors.filter((e) => e.kind === "or").length, n = sample.tags.length;
    count.textContent = String(survivors.length);
    kinds.textContent = `${survivors.length - ors} AND, ${ors} OR, of ${2 * (2 ** n - 1) - n} possible`;
    error.textContent = percent(errorOf(survivors, sample.values));
    meaning.textContent = `over all ${2 ** n} outputs; 100 % is what a constant reaches`;
  }
  return { element, update };
}

function drawing() {
  const canvas = node("canvas", {}), svg = shape("svg", { "aria-hidden": "true" });
  const stage = node("div", { class: "hx-stage" }, canvas, svg), note = node("div", { class: "hx-note" });
  const element = node("div", { class: "hx-drawing", role: "img" }, stage, note);
  function update({ sample, survivors, state }) {
    const most = sample.picture ? STARS : LANES, shown = survivors.slice(0, most);
    canvas.hidden = !sample.picture;
    stage.classList.toggle("hx-lanes", !sample.picture);
    (sample.picture ? onPicture : onSentence)(sample, shown, state.focus, canvas, svg);
    const drawnOf = survivors.length > most ? `The ${most} strongest are drawn. ` : "";
    const tinted = sample.picture ? " A patch’s tint is its share of all that is drawn." : "";
    note.textContent = drawnOf + "Solid: AND. Dashed: OR. Blue raises the value, vermilion lowers it." + tinted;
    element.setAttribute("aria-label", `${shown.length} interactions drawn on ${sample.title}`);
  }
  return { element, update };
}

// Every survivor a star: lines from its players to their common centre. A patch is tinted by its
// Shapley value in what is drawn: every interaction, AND or OR, split evenly among its players.
function onPicture({ picture, areas }, survivors, focus, canvas, svg) {
  paintGrey(picture, canvas, svg);
  const chosen = survivors.find((e) => e.key === focus), shown = chosen ? [chosen] : survivors;
  const value = areas.map((_, i) => shown.reduce((sum, e) => sum + ((e.mask >> i) & 1 ? e.value / order(e.mask) : 0), 0));
  const most = Math.max(...value.map(Math.abs)) || 1;
  const tints = areas.map((area, i) => shape("path", { d: area.fill, class: "hx-tint " + signClass(value[i]),
    "fill-opacity": 0.6 * Math.abs(value[i]) / most }));
  const { frames, numbers } = framed(areas);
  const stars = [...shown].reverse().filter((e) => chosen || order(e.mask) > 1).map((e) =>
    shape("g", { class: "hx-" + e.kind, opacity: chosen ? 1 : 0.15 + 0.85 * e.share },
      ...drawn(e, areas).filter((mark) => mark.tagName === "line" || (chosen && mark.classList.contains("hx-edge")))));
  svg.replaceChildren(...tints, ...frames, ...stars, ...numbers);
}

// The sentence downwards, and every survivor a lane beside it with a dot at each of its words.
function onSentence({ tags }, survivors, focus, canvas, svg) {
  const pitch = 25, left = 118, width = 360, gap = (width - left - 12) / LANES;
  svg.setAttribute("viewBox", `0 0 ${width} ${pitch * tags.length + 6}`);
  const at = (i) => pitch * (i + 0.5) + 3;
  const chosen = survivors.find((e) => e.key === focus);
  const words = tags.map((word, i) => shape("text", { x: left - 8, y: at(i) + 4.5, "text-anchor": "end",
    class: chosen && (chosen.mask >> i) & 1 ? "hx-word " + signClass(chosen.value) : "hx-word" }, word));
  const rules = tags.map((_, i) => shape("line", { x1: left, x2: width, y1: at(i), y2: at(i), class: "hx-rule" }));
  const lanes = survivors.map((e, k) => {
    const x = left + 10 + gap * k, players = members(e.mask), sign = signClass(e.value);
    const line = shape("line", { x1: x, x2: x, y1: at(players[0]), y2: at(players[players.length - 1]), class: sign });
    const dots = players.map((i) => shape("circle", { cx: x, cy: at(i), r: 3.8, class: sign }));
    const strength = chosen ? (e === chosen ? 1 : 0.15) : 0.35 + 0.65 * e.share;
    return shape("g", { class: "hx-" + e.kind, opacity: strength }, line, ...dots);
  });
  svg.replaceChildren(...rules, ...words, ...lanes);
}

// The strongest survivors, one button each; pressing one shows it alone.
function survivorList(state, change) {
  const title = node("div", { class: "hx-kicker" }), rows = node("div", {}), rest = node("div", { class: "hx-note" });
  const lines = Array.from({ length: LISTED }, () => survivorLine((key) => change({ focus: key === state.focus ? null : key })));
  rows.append(...lines.map((l) => l.element));
  function update({ sample, level, survivors }) {
    title.textContent = survivors.length ? "The strongest; tap one to see it alone" : "Nothing survives";
    const reach = level.effects.length ? Math.abs(level.effects[0].value) : 1;
    lines.forEach((line, k) => line.set(survivors[k], sample, reach, state.focus));
    const others = survivors.length - LISTED;
    rest.textContent = others > 0 ? `and ${others} other${others > 1 ? "s" : ""}` : "";
  }
  return { element: node("div", { class: "hx-list" }, title, rows, rest), update };
}

function survivorLine(press) {
  const kind = node("span", { class: "hx-kind" }), name = node("span", { class: "hx-set" });
  const effect = node("span", { class: "hx-number" }), strength = bar();
  let key = null;
  const element = node("button", { type: "button", class: "hx-line", onclick: () => press(key) }, kind, name, strength.track, effect);
  function set(e, { tags, digits }, reach, focus) {
    element.hidden = !e;
    if (!e) return;
    key = e.key;
    kind.textContent = order(e.mask) > 1 ? e.kind.toUpperCase() : "";
    name.textContent = members(e.mask).map((i) => tags[i]).join(" · ");
    effect.textContent = format(e.value, digits, true);
    strength.set(0, e.value, -reach, reach);
    element.setAttribute("aria-pressed", String(key === focus));
  }
  return { element, set };
}

// Error against number of survivors, one curve for each κ; the dot is where the sliders stand.
function tradeOff(cuts) {
  const svg = shape("svg", { viewBox: "0 0 360 190", role: "img", "aria-label": "error against number of interactions" });
  const element = node("div", { class: "hx-chart" }, node("div", { class: "hx-kicker" },
    "Error against number: each curve is one κ, the thick one yours"), svg);
  const x = (count) => 48 + (302 * Math.log10(Math.max(count, 1))) / 3.4, y = (error) => 160 - 140 * Math.min(error, 1.05);
  const cache = new Map();
  function curve(sample, level) {
    if (!cache.has(level)) {
      cache.set(level, cuts.map((cut) => surviving(level, cut)).map((few) => [few.length, errorOf(few, sample.values)]));
    }
    return cache.get(level);
  }
  function update({ sample, level, state }) {
    const path = (points) => "M" + points.map(([count, error]) => `${x(count).toFixed(1)} ${y(error).toFixed(1)}`).join("L");
    const ticks = [1, 10, 100, 1000].map((count) => shape("text", { x: x(count), y: 176, "text-anchor": "middle" }, String(count)));
    const levels = [0, 0.5, 1].flatMap((error) => [shape("line", { x1: 48, x2: 350, y1: y(error), y2: y(error), class: "hx-rule" }),
      shape("text", { x: 42, y: y(error) + 4, "text-anchor": "end" }, percent(error))]);
    const curves = sample.levels.map((l) => shape("path", { d: path(curve(sample, l)), class: l === level ? "hx-mine" : "hx-other" }));
    const [count, error] = curve(sample, level)[state.cut];
    svg.replaceChildren(...levels, ...ticks, ...curves, shape("circle", { cx: x(count), cy: y(error), r: 6, class: "hx-here" }));
  }
  return { element, update };
}
