// Shapley values as stacks of dividend shares, for the playground.

// Shapley values: every dividend shared equally by its members, stacked from zero.
function shares(state) {
  const rows = state.names.map((name, i) => shareRow(state, name, i));
  const total = node("div", { class: "hx-note" });
  const element = node("div", { class: "hx-panel hx-shares" }, node("div", { class: "hx-kicker" }, "Shapley values"),
    node("div", { class: "hx-note" }, "each dividend is shared equally by its players: "
      + "half of a pair’s, a third of the trio’s"),
    node("div", { class: "hx-stacks" }, ...rows.map((row) => row.element)), total);
  function update() {
    const all = rows.map((row) => row.parts());
    const low = Math.min(0, ...all.map((parts) => parts.low));
    const high = Math.max(1e-9, ...all.map((parts) => parts.high));
    rows.forEach((row, i) => row.draw(all[i], low, high));
    total.textContent = "sum: " + brief(state.values[7] - state.values[0], state) + " = v(N) − v(∅)";
  }
  return { element, update };
}

function shareRow(state, name, i) {
  const track = node("span", { class: "hx-track hx-stack", "aria-hidden": "true" });
  const amount = node("output", { "aria-label": `Shapley value of ${name}` });
  const element = node("div", { class: "hx-share" }, node("span", {}, name), track, amount);
  function parts() {
    const found = { pieces: [], low: 0, high: 0 };
    for (const mask of [1, 2, 4, 3, 5, 6, 7]) {
      const share = state.dividends[mask] / order(mask);
      if (!((mask >> i) & 1) || signClass(share) === "hx-zero") continue;
      const side = share > 0 ? "high" : "low";
      found.pieces.push({ mask, share, from: found[side] });
      found[side] += share;
    }
    return found;
  }
  function draw({ pieces, low: bottom, high: top }, low, high) {
    const at = (x) => (100 * (x - low)) / (high - low);
    track.replaceChildren(...pieces.map(({ mask, share, from }) => {
      const width = Math.abs(at(share) - at(0));
      const left = at(Math.min(from, from + share));
      return node("span", {
        class: "hx-piece " + signClass(share), style: `left:${left}%;width:${width}%`,
        title: `I${label(mask, state.names)} / ${order(mask)}`,
      }, width > 7 ? ["1", "½", "⅓"][order(mask) - 1] : "");
    }), node("span", { class: "hx-origin", style: `left:${at(0)}%` }),
    node("span", { class: "hx-net", style: `left:${at(bottom + top)}%` }));
    amount.textContent = brief(bottom + top, state);
  }
  return { element, parts, draw };
}
