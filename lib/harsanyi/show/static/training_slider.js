// A training from its first step on: at each moment the strength of each order with its signs, the
// losses, the mean order, and the strongest interactions of one sample.

const DRAWN = 3; // interactions drawn together on a picture

function render({ model, el }) {
  const told = { unit: model.get("unit"), valueName: model.get("valueName"), listed: model.get("listed"), spindle: model.get("spindle"), runs: model.get("runs") };
  told.scenes = model.get("scenes").map((scene) => pale({ ...scene, ...unpacked(scene) }));
  told.most = Math.max(...told.spindle.map((v) => v / 2), ...told.runs.flatMap(({ bars }) => bars.flat().flatMap((b) => [b[2], -b[4]])));
  const state = { run: 0, scene: 0, moment: 0, focus: null, hint: null };
  const mark = stage(told, state), list = interactionList(told, state, change, point);
  const top = [choosers(told, state, change), momentSlider(told, state, change)];
  const right = [barChart(told, state), summary(told, state), ...timeCharts(told, state, change)], parts = [...top, mark, list, ...right];
  let view = null;
  function change(news) {
    Object.assign(state, { hint: null }, "scene" in news ? { focus: null } : {}, news);
    const run = told.runs[state.run];
    state.moment = Math.min(state.moment, run.at.length - 1);
    view = { run, scene: told.scenes[state.scene], shown: strongest(run.effects[state.scene], state, told.listed) };
    parts.forEach((part) => part.update(view));
  }
  function point(key) {
    state.hint = key;
    mark.update(view);
  }
  el.replaceChildren(
    heading(el.parentNode.getAttribute("aria-label"), "Move the slider through the training. Tap an interaction to follow it."),
    node("div", { class: told.scenes.some((s) => s.picture) ? "hx-desk" : "hx-desk hx-worded" }, ...elements(top),
      node("div", { class: "hx-side" }, mark.element, list.element), node("div", { class: "hx-side" }, ...elements(right))));
  change({});
  new ResizeObserver(() => parts.forEach((part) => part.resize && part.resize())).observe(el);
}

// Pale ink on paper, so that the interactions stand out.
function pale(scene) {
  if (scene.picture) scene.picture.image = scene.picture.image.map((grey) => 255 - 0.2 * grey);
  return scene;
}

// What is salient at this moment, the strongest first; the interaction that is followed stays.
function strongest(effects, { moment, focus }, listed) {
  const all = effects.map(([kind, mask, values]) => ({ kind, mask, values, value: values[moment], key: kind + mask }));
  const shown = all.filter((e) => e.value).sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, listed);
  const followed = all.find((e) => e.key === focus);
  return followed && !shown.includes(followed) ? [...shown.slice(0, listed - 1), followed] : shown;
}

function time(at) {
  return at >= 10 || at === 0 ? at.toFixed(0) : String(Number(at.toPrecision(2)));
}

function choosers({ runs, scenes }, state, change) {
  const run = choice("training", runs.map((r) => r.name), (place) => change({ run: place }));
  const sample = choice("sample", scenes.map((s) => s.title), (scene) => change({ scene }));
  const named = (text, part) => node("div", { class: "hx-named" }, node("span", { class: "hx-note" }, text), part);
  const parts = [...(runs.length > 1 ? [named("training", run.element)] : []), ...(scenes.length > 1 ? [named("sample", sample.element)] : [])];
  function update() {
    run.set(state.run);
    sample.set(state.scene);
  }
  return { element: node("div", { class: "hx-choosers" }, ...parts), update };
}

function momentSlider({ runs, unit }, state, change) {
  const range = slider("moment", Math.max(...runs.map((r) => r.at.length)), (moment) => change({ moment }));
  function update({ run }) {
    range.element.querySelector("input").max = run.at.length - 1;
    range.set(state.moment, `${unit} ${time(run.at[state.moment])} (${state.moment + 1} of ${run.at.length})`);
  }
  return { element: range.element, update };
}

// The picture or the words, with the strongest interactions, or with one of them alone.
function stage({ valueName }, state) {
  const canvas = node("canvas", {}), svg = shape("svg", { "aria-hidden": "true" });
  const picture = node("div", { class: "hx-stage" }, canvas, svg), words = node("p", { class: "hx-sentence" });
  const said = node("div", { class: "hx-note" }), element = node("div", { class: "hx-scene" }, picture, words, said);
  function update({ run, scene, shown }) {
    const alone = shown.find((e) => e.key === state.hint) || shown.find((e) => e.key === state.focus), few = shown.filter((e) => e.value).slice(0, DRAWN);
    const one = alone || (scene.picture ? null : few[0]), whole = format(run.whole[state.scene][state.moment], 2, true);
    picture.hidden = !scene.picture;
    words.hidden = Boolean(scene.picture);
    if (scene.picture) onPicture(scene, alone ? [alone] : few, Boolean(alone), canvas, svg);
    else words.replaceChildren(...inWords(scene, one));
    const which = one ? `${named(one, scene)}. ` : few.length ? `The ${few.length} strongest together` + (few.some((e) => e.kind === "or") ? "; dashed: OR. " : ". ") : "Nothing is salient. ";
    said.textContent = `${which}All that is seen changes the ${valueName.split(",")[0]} by ${whole}.`;
  }
  return { element, update };
}

// A star for each interaction, strongest on top; a single player, or one shown alone, is filled.
function onPicture({ picture, areas }, effects, alone, canvas, svg) {
  paintGrey(picture, canvas, svg);
  const { frames, numbers } = framed(areas);
  const stars = [...effects].reverse().map((e) => {
    const marks = drawn(e, areas), filled = alone || order(e.mask) === 1;
    return shape("g", { class: "hx-" + e.kind }, ...marks.filter((m) => filled || m.tagName === "line"));
  });
  svg.replaceChildren(...frames, ...stars, ...numbers);
}

function inWords({ words }, effect) {
  return words.flatMap(([word, player]) => {
    const inside = effect && player >= 0 && (effect.mask >> player) & 1;
    return [node("span", { class: inside ? `hx-word hx-${effect.kind} ${signClass(effect.value)}` : player < 0 ? "hx-still" : "hx-word" }, word), " "];
  });
}

function named({ kind, mask }, { tags, picture }) {
  const kindOf = order(mask) > 1 ? kind.toUpperCase() + " " : picture ? "patch " : "";
  return kindOf + members(mask).map((i) => tags[i]).join(" · ");
}

// The moment in words, which a screen reader hears at every step.
function summary({ unit }, state) {
  const said = node("p", { class: "hx-said", "aria-live": "polite" }), ruled = node("p", { class: "hx-note" });
  const element = node("div", { class: "hx-summary" }, said, ruled), percent = (share) => `${(100 * share).toFixed(0)}\u00a0%`;
  function update({ run }) {
    const m = state.moment, [train, test] = run.losses.map((each) => each[m]), orders = run.bars[m].map((b) => b[0] - b[3]);
    const sum = orders.reduce((a, b) => a + b, 0), part = (from, to) => percent(orders.slice(from, to).reduce((a, b) => a + b, 0) / (sum || 1));
    const right = run.right.map((each) => percent(each[m]));
    said.textContent = (run.at[m] ? `At ${unit} ${time(run.at[m])}` : "Before training")
      + `, the mean order is ${run.order[m].toFixed(2)}: ${part(0, 1)} of the strength is of order 1, ${part(1, 4)} of orders 2 to 4, ${part(4)} of higher ones. `
      + `Loss ${train.toFixed(2)} on training data, ${test.toFixed(2)} on new data (right: ${right[0]}, ${right[1]}).`;
    ruled.textContent = run.turn ? `The rule finds two phases; the mean order turns at ${unit} ${time(run.turn[0])} (95\u00a0%: ${time(run.turn[1])} to ${time(run.turn[2])}).`
      : run.verdict ? `The rule's verdict on this training: ${run.verdict}.` : "The rule cannot judge this training.";
  }
  return { element, update };
}

// Bars up and down by order, on one scale for all runs and moments; the outline is no knowledge.
function barChart({ spindle, most }, state) {
  const chart = plot("Strength by order, all samples", 200), n = spindle.length;
  const entry = (name, text) => node("span", { class: "hx-entry" }, node("i", { class: name }), text);
  chart.element.append(node("div", { class: "hx-key hx-note" }, entry("hx-pos", "positive"), entry("hx-neg", "negative"), entry("hx-outline", "no knowledge")));
  function draw({ run }, width, height) {
    const box = { left: 33, right: width - 2, top: 6, bottom: height - 30 }, pitch = (box.right - box.left) / n, x = (o) => box.left + pitch * o;
    const y = (v) => (box.top + box.bottom) / 2 - (((box.bottom - box.top) / 2) * v) / most;
    const bars = run.bars[state.moment].flatMap((b, o) => [["hx-pos", 0], ["hx-neg", 3]].flatMap(([name, i]) => {
      const ends = [y(0), y(b[i])], middle = x(o + 0.5);
      return [shape("rect", { x: x(o + 0.12), width: 0.76 * pitch, y: Math.min(...ends), height: Math.abs(ends[0] - ends[1]), class: name }),
        ...(b[i] ? [shape("line", { x1: middle, x2: middle, y1: y(b[i + 1]), y2: y(b[i + 2]), class: "hx-error" })] : [])];
    }));
    const outline = (sign) => "M" + x(0) + " " + y(0) + spindle.map((v, o) => `L${x(o)} ${y((sign * v) / 2)}L${x(o + 1)} ${y((sign * v) / 2)}`).join("") + `L${x(n)} ${y(0)}`;
    const every = pitch >= 14 ? 1 : 3, step = [0.5, 1, 2, 5].find((s) => most / s < 4) || most;
    const ticks = Array.from({ length: 2 * Math.floor(most / step) + 1 }, (_, i) => (i - Math.floor(most / step)) * step);
    const orders = spindle.flatMap((_, o) => (o % every ? [] : [shape("text", { x: x(o + 0.5), y: box.bottom + 14, "text-anchor": "middle" }, String(o + 1))]));
    const words = run.bars[state.moment].map((b, o) => `order ${o + 1}: ${b[0].toFixed(2)} positive, ${format(b[3], 2)} negative`);
    chart.svg.setAttribute("aria-label", `Strength by order over its mean. ${words.join("; ")}.`);
    return [...rules(ticks, box, y, (tick) => format(tick, tick % 1 ? 1 : 0)), ...bars, shape("path", { d: outline(1), class: "hx-outline" }),
      shape("path", { d: outline(-1), class: "hx-outline" }), ...orders, shape("text", { x: box.right, y: box.bottom + 27, "text-anchor": "end" }, "order")];
  }
  return chart.with(draw);
}
