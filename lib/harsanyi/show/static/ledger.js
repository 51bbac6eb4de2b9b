// The ledger of the masked picture: from v(∅), one interaction after the other, to v(x_T).

function ledger(scene, state, point) {
  const start = line(scene, "div"), rest = line(scene, "div"), end = line(scene, "div");
  const lines = Array.from({ length: STRONGEST }, (_, k) =>
    line(scene, "button", () => point(state.active[k].mask)));
  const count = node("div", { class: "hx-kicker" }), equation = node("div", { class: "hx-equation", "aria-live": "polite" });
  const element = node("div", { class: "hx-ledger" }, count,
    node("div", { class: "hx-line hx-note" }, ...["", "interaction S", "", "I(S)", "sum"].map((t) => node("span", {}, t))),
    start.element, ...lines.map((l) => l.element), rest.element, end.element, equation);
  start.element.classList.add("hx-level");
  end.element.classList.add("hx-level", "hx-end");
  function update() {
    const { active, mask } = state, empty = scene.values[0], final = scene.values[mask];
    const steps = running(active, empty), scale = reach(scene.values, steps);
    start.set({ text: "v(∅)", from: 0, to: empty, scale });
    lines.forEach((l, k) => l.set(steps[k] && { ...steps[k], scale, pressed: steps[k].mask === focusOf(state).mask }));
    const others = active.length - STRONGEST, from = steps.length ? steps[steps.length - 1].to : empty;
    rest.set(others > 0 && { text: others === 1 ? "1 other" : `${others} others`, from, to: final, step: final - from, scale });
    end.set({ text: valueOfT(), from: 0, to: final, scale });
    count.textContent = `${active.length} active interaction${active.length === 1 ? "" : "s"} (S ⊆ T), strongest first`;
    equation.replaceChildren(summary(active, empty, scene.digits), valueOfT());
  }
  return { element, update };
}

// The strongest interactions as steps of a stair that starts at v(∅).
function running(active, empty) {
  let sum = empty;
  return active.slice(0, STRONGEST).map(({ mask, value }) => {
    const from = sum;
    sum += value;
    return { mask, step: value, from, to: sum };
  });
}

// One scale for every coalition, wider only where the stair leaves it.
function reach(values, steps) {
  const all = [0, ...values, ...steps.map((s) => s.to)];
  const low = Math.min(...all), high = Math.max(...all), margin = 0.03 * (high - low || 1);
  return [low - margin, high + margin];
}

// The identity itself, summed here over all active interactions. The middle term is written as the
// difference of the two rounded ends, so that the line adds up as printed.
function summary(active, empty, digits) {
  const sum = active.reduce((total, { value }) => total + value, 0);
  const [first, last] = [empty, empty + sum].map((x) => Number(x.toFixed(digits)));
  const middle = `${last < first ? "−" : "+"} ${format(Math.abs(last - first), digits)}`;
  return `v(∅) + Σ active = ${format(first, digits)} ${middle} = ${format(last, digits)} = `;
}

// One row: thumbnail, name, bar, effect, running sum. set(null) hides it.
function line(scene, tag, onclick) {
  const thumb = node("span", { class: "hx-thumb", "aria-hidden": "true" }), name = node("span", { class: "hx-set" });
  const effect = node("span", { class: "hx-number" }), sum = node("span", { class: "hx-number hx-note" });
  const stair = bar();
  const attrs = onclick ? { type: "button", onclick } : {};
  const element = node(tag, { class: "hx-line", ...attrs }, thumb, name, stair.track, effect, sum);
  function set(row) {
    element.hidden = !row;
    if (!row) return;
    const { mask, text, step, from, to, scale, pressed } = row;
    stair.set(from, to, ...scale);
    thumb.replaceChildren(...(mask ? [thumbnail(scene, mask, step)] : []));
    name.replaceChildren(text || label(mask, scene.tags));
    name.title = mask ? label(mask, scene.names) : "";
    effect.textContent = step == null ? "" : format(step, scene.digits, true);
    sum.textContent = format(to, scene.digits);
    if (onclick) element.setAttribute("aria-pressed", String(pressed));
  }
  return { element, set };
}
