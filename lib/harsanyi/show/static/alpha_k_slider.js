// α and k: how much two networks share, told jointly, beside chance and beside unrelated networks.

const KINDS = ["and", "or"];
const NEARLY_ALL = 0.8;
const PLOT = { left: 40, right: 348, top: 14, bottom: 196 };

function render({ model, el }) {
  const told = read(model), [alpha, k] = model.get("start");
  const state = { alpha, k, along: 0, picked: null };
  const parts = [sliders(told, change), scores(told), words(told), comparison(told, change), axes(change),
    ...KINDS.map((kind) => overlapChart(told, kind, change)), salientChart(told, change)];
  function change(news) {
    Object.assign(state, news);
    state.control = state.picked == null ? strongest(told, state) : state.picked;
    parts.forEach((part) => part.update(state));
  }
  el.replaceChildren(
    heading(el.parentNode.getAttribute("aria-label"), "Move α, the weight on every effect beside a row’s strongest, and k, "
      + "how many effects of each network are compared; a tap on a chart moves them too."),
    node("div", { class: "hx-desk" }, ...parts.map((part) => part.element)));
  change({});
}

function read(model) {
  const names = ["curves", "alphas", "ks", "samples", "overlap", "chance", "members", "gain", "salient", "separate"];
  return Object.fromEntries(names.map((name) => [name, model.get(name)]));
}

// A share as the chapter writes it, .62, and a number without needless zeros.
function fraction(x) {
  return Number(x) >= 0.995 ? "1.00" : Math.max(x, 0).toFixed(2).replace(/^0/, "");
}

function signed(x) {
  return (x < -0.004 ? "−" : "+") + Math.abs(x).toFixed(2).replace(/^0/, "");
}

// Which control shares most here, AND and OR together: the one that leaves the pair the least.
function strongest({ curves, overlap }, { alpha, k }) {
  const sum = (curve) => KINDS.reduce((total, kind) => total + overlap[kind][curve][alpha][k][0], 0);
  return curves.map((_, c) => c).slice(1).reduce((best, c) => (sum(c) > sum(best) ? c : best), 1);
}

function sliders({ alphas, ks }, change) {
  const weight = slider("weight α", alphas.length, (alpha) => change({ alpha }));
  const size = slider("strongest k", ks.length, (k) => change({ k }));
  const element = node("div", { class: "hx-sliders" }, weight.element, size.element);
  function update({ alpha, k }) {
    weight.set(alpha, String(alphas[alpha]));
    size.set(k, `${ks[k]} of each kind`);
  }
  return { element, update };
}

// The three numbers, each with the control's and what chance gives.
function scores({ overlap, chance, salient }) {
  const cells = [["s", "and"], ["s", "or"], ["salient", ""]].map(([name, kind]) => {
    const big = node("output", { class: "hx-big hx-" + (kind || "count") }), beside = node("div", { class: "hx-note" });
    const element = node("div", {}, node("div", { class: "hx-note" }, name, node("sub", {}, kind)), big, beside);
    return { element, big, beside };
  });
  const element = node("div", { class: "hx-scores" }, ...cells.map((cell) => cell.element));
  function update({ alpha, k, control }) {
    KINDS.forEach((kind, i) => {
      cells[i].big.textContent = fraction(overlap[kind][0][alpha][k][0]);
      cells[i].beside.textContent = `control ${fraction(overlap[kind][control][alpha][k][0])}, chance ${fraction(chance[kind][0][alpha][k][0])}`;
    });
    cells[2].big.textContent = salient[0][alpha][0].toFixed(0);
    cells[2].beside.textContent = `a network; control ${salient[control][alpha][0].toFixed(0)}`;
  }
  return { element, update };
}

// What the numbers say, and whether the samples are enough to say it.
function words(told) {
  const element = node("div", { class: "hx-words", "aria-live": "polite" });
  function update({ alpha, k, control }) {
    const { curves, ks, overlap, members, gain, samples } = told;
    const few = KINDS.filter((kind) => members[kind][0][alpha][k][0] < 0.95 * ks[k]).map((kind) =>
      `${members[kind][0][alpha][k][0].toFixed(0)} ${kind.toUpperCase()}s`);
    const shared = KINDS.map((kind) => `${(100 * overlap[kind][0][alpha][k][0]).toFixed(0)} % of the ${kind.toUpperCase()}s`);
    const against = KINDS.map((kind) => verdict(kind, gain[kind][control - 1][alpha][k], overlap[kind][control][alpha][k][0]));
    element.replaceChildren(
      node("p", {}, node("b", {}, curves[0]), ` share ${shared.join(" and ")} among their ${ks[k]} strongest.`,
        few.length ? ` On average no more than ${few.join(" and ")} stand out from zero in the fuller of the two.` : ""),
      node("p", {}, "Beside ", node("b", {}, curves[control]), `, told by the same objective: `, ...against[0], "; ", ...against[1], "."),
      node("p", { class: "hx-note" }, `Means over ${samples} samples; in brackets, 95 % of bootstrap draws.`));
  }
  return { element, update };
}

// Where the control itself shares nearly all, the share of what was left says nothing and is left out.
function verdict(kind, [gain, low, high, excess], control) {
  const range = `(${signed(low)} to ${signed(high)})`, name = ["s", node("sub", {}, kind)];
  const part = control < NEARLY_ALL ? `, ${(100 * excess).toFixed(0)} % of what was left to gain` : "";
  if (low > 0) return [...name, ` is ${fraction(gain)} higher ${range}${part}`];
  if (high < 0) return [...name, ` is ${fraction(-gain)} lower ${range}`];
  return [...name, ` differs by ${signed(gain)} ${range}, so these samples do not tell the two apart`];
}

// The key of the charts; a control is a button, and the pressed one is compared with.
function comparison({ curves, separate }, change) {
  const mark = (name) => shape("svg", { viewBox: "0 0 30 10", class: "hx-key", "aria-hidden": "true" },
    shape("line", { x1: 1, x2: 29, y1: 5, y2: 5, class: name }));
  let held = null;
  const buttons = curves.slice(1).map((name, i) => {
    const made = toggle(name, `compare with ${name}`, () => change({ picked: held === i + 1 ? null : i + 1 }));
    made.button.prepend(mark(`hx-control hx-control-${(i % 4) + 1}`));
    return made;
  });
  const still = (names, text) => node("span", { class: "hx-entry" }, ...names.map(mark), text);
  const note = node("span", { class: "hx-note" });
  const element = node("div", { class: "hx-comparison" },
    node("div", { class: "hx-row" }, still(["hx-pair hx-and", "hx-pair hx-or"], curves[0]),
      ...(separate ? [still(["hx-apart hx-and", "hx-apart hx-or"], "the same, told one by one")] : []), still(["hx-chance"], "chance")),
    node("div", { class: "hx-row", role: "group", "aria-label": "compare with" }, "Compare with", ...buttons.map((b) => b.button), note));
  function update({ picked, control }) {
    held = picked;
    buttons.forEach(({ button, press }, i) => {
      press(i + 1 === control);
      button.classList.toggle("hx-compared", i + 1 === control);
    });
    note.textContent = picked == null && buttons.length > 1 ? "(the control that shares most here)" : "";
  }
  return { element, update };
}

// Which of the two lies on the horizontal axis of the overlap charts.
function axes(change) {
  const row = choice("horizontal axis", ["against k", "against α"], (along) => change({ along }));
  row.element.prepend("Overlap");
  return { element: row.element, update: ({ along }) => row.set(along) };
}

function overlapChart(told, kind, change) {
  const { curves, alphas, ks, overlap, chance, separate } = told;
  const plot = chart(node("div", { class: "hx-kicker" }, "s", node("sub", {}, kind)), `overlap of the ${kind.toUpperCase()}s`,
    (place, { along }) => change(along ? { alpha: place } : { k: place }));
  function update(state) {
    const { alpha, k, along, control } = state, xs = along ? alphas : ks;
    const cells = (grid) => xs.map((_, i) => (along ? grid[i][k] : grid[alpha][i]));
    const line = (c, name) => ({ name, points: cells(overlap[kind][c]) });
    const apart = separate && xs.map((_, i) => [separate.overlap[kind][along ? k : i]]);
    const lines = [
      { name: "hx-chance", points: cells(chance[kind][0]) },
      ...(apart ? [{ name: `hx-apart hx-${kind}`, points: apart }] : []),
      ...ordered(curves, control).map((c) => line(c, lineName(c, control))),
      line(0, `hx-pair hx-${kind}`),
    ];
    plot.draw({ state, xs, lines, at: along ? alpha : k, unit: along ? "α" : "k", top: 1, ticks: [0, 0.5, 1], text: (tick) => (tick === 1 ? "1" : fraction(tick)) });
  }
  return { element: plot.element, update };
}

function salientChart({ curves, alphas, salient, separate }, change) {
  const plot = chart(node("div", { class: "hx-kicker" }, "salient interactions of a network"), "salient interactions against α",
    (place) => change({ alpha: place }));
  const most = Math.max(...salient[0].map((cell) => cell[2]), ...salient.flat().map((cell) => cell[0]), separate ? separate.salient : 0);
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((s) => most / s <= 5) || 2000;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  function update(state) {
    const lines = [
      ...(separate ? [{ name: "hx-apart", points: alphas.map(() => [separate.salient]) }] : []),
      ...ordered(curves, state.control).map((c) => ({ name: lineName(c, state.control), points: salient[c] })),
      { name: "hx-pair", points: salient[0] },
    ];
    plot.draw({ state, xs: alphas, lines, at: state.alpha, unit: "α", top: 1.05 * most, ticks, text: String });
  }
  return { element: plot.element, update };
}

// Controls in drawing order, the compared one last; and how each is drawn.
function ordered(curves, control) {
  return curves.map((_, c) => c).slice(1).filter((c) => c !== control).concat(control);
}

function lineName(curve, control) {
  return `hx-control hx-control-${((curve - 1) % 4) + 1}` + (curve === control ? " hx-compared" : "");
}

// Axes, bands, lines and a dot on each line where the sliders stand; a tap moves the slider.
function chart(title, name, tap) {
  const svg = shape("svg", { viewBox: "0 0 360 226", role: "img", "aria-label": name });
  const element = node("div", { class: "hx-chart" }, title, svg);
  let scale = null, last = null;
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect(), x = ((event.clientX - box.left) * 360) / box.width;
    const away = last.xs.map((value) => Math.abs(scale(value) - x));
    tap(away.indexOf(Math.min(...away)), last.state);
  });
  function draw(given) {
    const { xs, lines, at, unit, top, ticks, text } = last = given;
    const low = Math.min(0, xs[0]), high = xs[xs.length - 1] || 1;
    scale = (value) => PLOT.left + ((PLOT.right - PLOT.left) * (value - low)) / (high - low);
    const y = (value) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * Math.min(value, top)) / top;
    const join = (points) => points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join("L");
    const rules = ticks.flatMap((tick) => [
      shape("line", { x1: PLOT.left, x2: PLOT.right, y1: y(tick), y2: y(tick), class: "hx-rule" }),
      shape("text", { x: PLOT.left - 6, y: y(tick) + 4, "text-anchor": "end" }, tick ? text(tick) : "0")]);
    const labels = spaced(xs.map(scale)).map((i) => shape("text", { x: scale(xs[i]), y: 212, "text-anchor": "middle" }, String(xs[i])));
    const drawnLines = lines.flatMap(({ name: style, points }) => {
      const side = (j) => points.map((cell, i) => [scale(xs[i]), y(cell[j])]);
      const banded = points[0].length === 3 && /hx-pair|hx-compared/.test(style);
      const dotted = !/hx-apart/.test(style);
      return [
        ...(banded ? [shape("path", { class: "hx-band " + style, d: `M${join(side(1))}L${join(side(2).reverse())}Z` })] : []),
        shape("path", { class: "hx-line " + style, d: "M" + join(side(0)) }),
        ...(dotted ? [shape("circle", { class: style, cx: scale(xs[at]), cy: y(points[at][0]), r: /hx-pair/.test(style) ? 6 : 4 })] : []),
      ];
    });
    svg.replaceChildren(...rules, ...labels, shape("text", { x: PLOT.right, y: 225, "text-anchor": "end" }, unit),
      shape("line", { x1: scale(xs[at]), x2: scale(xs[at]), y1: PLOT.top, y2: PLOT.bottom, class: "hx-here" }), ...drawnLines);
  }
  return { element, draw };
}

// Places whose labels do not touch.
function spaced(xs) {
  return xs.reduce((kept, x, i) => (kept.length && x - xs[kept[kept.length - 1]] < 30 ? kept : [...kept, i]), []);
}
