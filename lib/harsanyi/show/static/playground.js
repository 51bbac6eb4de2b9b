// Dividend playground: eight values set by hand, their dividends, Shapley values and sums.

// A row of the lattice, top to bottom: everyone, pairs, singles, the empty coalition.
const PLACES = [[7, 1, 2], [3, 2, 1], [5, 2, 2], [6, 2, 3], [1, 3, 1], [2, 3, 2], [4, 3, 3], [0, 4, 2]];

function render({ model, el }) {
  const names = model.get("names"), games = model.get("games");
  const state = { values: [], dividends: [], chosen: 3, names };
  const select = picker(games, load);
  const parts = [lattice(state, edit, choose), coalition(state, choose), shares(state)];
  function update() {
    state.dividends = mobius(state.values);
    parts.forEach((part) => part.update());
  }
  function load(name) {
    state.values = [...games[name]];
    rescale(state);
    select.show(name);
    update();
  }
  function edit(mask, value) {
    state.values[mask] = value;
    if (Math.abs(value) > state.limit) rescale(state);
    select.show("");
    update();
  }
  function choose(mask) {
    state.chosen = mask;
    update();
  }
  el.replaceChildren(
    heading("Dividend playground", "Pick a game, or set what each coalition is worth. Then choose a "
      + "coalition T and see which dividends add up to its value."),
    node("div", { class: "hx-game" }, select.element),
    node("div", { class: "hx-board" }, parts[1].element, parts[0].element, parts[2].element));
  load(Object.keys(games)[0]);
}

// Sliders reach the largest value, and at least four units of its power of ten.
function rescale(state) {
  const largest = Math.max(...state.values.map(Math.abs)) || 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  state.limit = power * Math.max(4, Math.ceil(largest / power));
  state.step = power / 10;
  state.digits = Math.max(0, 2 - Math.floor(Math.log10(power)));
}

// As few decimals as the number needs.
function brief(x, state, plus) {
  const text = format(x, state.digits, plus);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function picker(games, load) {
  const own = node("option", { value: "", hidden: true }, "your own");
  const options = Object.keys(games).map((name) => node("option", { value: name }, name));
  const select = node("select", { onchange: () => load(select.value) }, own, ...options);
  const element = node("label", { class: "hx-row" }, node("span", { class: "hx-kicker" }, "Game"), select);
  return { element, show: (name) => { select.value = name; } };
}

// The eight coalitions as cards, in their Hasse diagram.
function lattice(state, edit, choose) {
  const cards = PLACES.map(([mask, row, column]) => card(state, mask, row, column, edit, choose));
  const element = node("div", { class: "hx-lattice" }, edges(),
    legend("v", "what a coalition is worth: set it", 1, 1),
    legend("I", "its dividend: what it adds beyond every smaller coalition inside it", 1, 3),
    legend("T", "press a coalition’s name to choose it; strong frames are inside T", 4, 1),
    legend("∅", "nobody: its value is the start, subtracted from all others", 4, 3),
    ...cards.map((c) => c.element));
  return { element, update: () => cards.forEach((c) => c.update()) };
}

function edges() {
  const at = Object.fromEntries(PLACES.map(([mask, row, column]) => [mask, [2 * column - 1, 2 * row - 1]]));
  const svg = shape("svg", { viewBox: "0 0 6 8", preserveAspectRatio: "none", "aria-hidden": "true" });
  for (let mask = 0; mask < 8; mask++) {
    for (const bit of [1, 2, 4]) {
      if (mask & bit) continue;
      const [[x1, y1], [x2, y2]] = [at[mask], at[mask | bit]];
      svg.append(shape("line", { x1, y1, x2, y2, "vector-effect": "non-scaling-stroke" }));
    }
  }
  return svg;
}

// A word of help in a free corner of the diagram.
function legend(symbol, text, row, column) {
  return node("div", { class: "hx-note hx-legend", style: `grid-row:${row};grid-column:${column}` },
    node("b", {}, symbol), " " + text);
}

// One coalition: its name (press to choose it), its value to set, its dividend to read.
function card(state, mask, row, column, edit, choose) {
  const name = label(mask, state.names);
  const give = (event) => {
    const value = Number(event.target.value);
    if (event.target.value !== "" && Number.isFinite(value)) edit(mask, value);
  };
  const number = node("input", { type: "number", inputmode: "decimal", "aria-label": `value of ${name}`, onchange: give });
  const slider = node("input", { type: "range", "aria-label": `value of ${name}, slider`, oninput: give });
  const title = node("button", { type: "button", class: "hx-name", onclick: () => choose(mask) }, name);
  const dividend = bar(), amount = node("output");
  const last = mask ? node("div", { class: "hx-dividend" }, dividend.track, amount) : "";
  const element = node("div", { class: "hx-card", style: `grid-row:${row};grid-column:${column}` },
    title, node("label", { class: "hx-value" }, "v", number), slider, last);
  function update() {
    const { values, dividends, chosen, limit, step } = state;
    number.step = step;
    number.value = Number(values[mask].toFixed(state.digits + 2));
    Object.assign(slider, { min: -limit, max: limit, step });
    slider.value = values[mask];
    const scale = Math.max(...dividends.map(Math.abs), 1e-9);
    dividend.set(0, dividends[mask], -scale, scale);
    amount.textContent = "I = " + brief(dividends[mask], state);
    element.classList.toggle("hx-active", isSubset(mask, chosen));
    element.classList.toggle("hx-chosen", mask === chosen);
    title.setAttribute("aria-pressed", String(mask === chosen));
  }
  return { element, update };
}

// Choose T; see the dividends inside it add up to v(T) − v(∅).
function coalition(state, choose) {
  const toggles = state.names.map((name, i) => toggle(name, `player ${name} in T`, () => choose(state.chosen ^ (1 << i))));
  const terms = node("div", { class: "hx-terms" });
  const sum = node("div", { class: "hx-sum", "aria-live": "polite" });
  const element = node("div", { class: "hx-panel hx-sums" },
    node("div", { class: "hx-kicker" }, "Coalition T"),
    node("div", { class: "hx-row" }, ...toggles.map((t) => t.button)), terms, sum);
  function update() {
    const { values, dividends, chosen, names } = state;
    toggles.forEach((t, i) => t.press((chosen >> i) & 1));
    const inside = [1, 2, 4, 3, 5, 6, 7].filter((s) => isSubset(s, chosen));
    const total = inside.reduce((sum, s) => sum + dividends[s], 0);
    terms.replaceChildren(...inside.map((s) => node("span", { class: "hx-chip " + signClass(dividends[s]) },
      "I" + label(s, names), node("b", {}, brief(dividends[s], state, true)))));
    const start = brief(values[0], state), minus = values[0] < 0 ? `− (${start})` : `− ${start}`;
    sum.replaceChildren(
      node("div", {}, "sum of the active dividends", node("b", {}, brief(total, state))),
      node("div", {}, `v(T) − v(∅) = ${brief(values[chosen], state)} ${minus}`,
        node("b", {}, brief(values[chosen] - values[0], state))));
  }
  return { element, update };
}
