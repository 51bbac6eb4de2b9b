// One sample through a network: for each layer what the output keeps, what is forgotten on the way
// and what is still to come; by order, interaction by interaction, and as two ratios.

const SHARES = ["kept", "lost", "new"]; // grey, orange, blue; in data: overlap, forget, new, chance
const DRAWN = 4; // interactions drawn together on a picture
const KIND_NAMES = ["AND and OR", "AND", "OR"];

function render({ model, el }) {
  const layers = model.get("layers"), scenes = model.get("scenes").map((scene) => prepare(scene, layers.length));
  const told = { layers, scenes, listed: model.get("listed"), valueName: model.get("valueName"), ors: scenes.some(hasOr) };
  const state = { scene: 0, kinds: 0, layer: Math.floor((layers.length - 1) / 2), focus: null, hint: null };
  const mark = stage(told, state), list = interactionList(told, state, change, point);
  const top = [choosers(told, state, change), layerSlider(told, state, change)];
  const right = [barChart(told, state), summary(told, state), ratioChart(told, state, change)], parts = [...top, mark, list, ...right];
  let view = null;
  function change(news) {
    Object.assign(state, { hint: null }, "layer" in news || "focus" in news ? {} : { focus: null }, news);
    const scene = scenes[state.scene], picked = state.kinds ? [state.kinds - 1] : [0, 1];
    view = { scene, picked, sums: layers.map((_, l) => summed(scene.change, picked, l)), ...weighed(scene, picked, state.layer, told.listed) };
    parts.forEach((part) => part.update(view));
  }
  function point(key) {
    state.hint = key;
    mark.update(view);
  }
  el.replaceChildren(
    heading(el.parentNode.getAttribute("aria-label"), "Move the slider through the layers. Tap an interaction to see it alone."),
    node("div", { class: scenes.some((s) => s.picture) ? "hx-desk" : "hx-desk hx-worded" }, ...elements(top), node("div", { class: "hx-side" }, mark.element, list.element),
      node("div", { class: "hx-side" }, ...elements(right))));
  change({});
  new ResizeObserver(() => parts.forEach((part) => part.resize && part.resize())).observe(el);
}

function hasOr(scene) {
  return scene.effects.some((e) => e.kind === "or");
}

// Decode a scene. For each layer an effect is split into what is kept, lost and new.
function prepare(scene, count) {
  const last = count - 1, held = (values, salient, l) => (salient[l] ? values[l] : 0);
  const effects = scene.effects.map(([kind, mask, values, salient]) => {
    const late = held(values, salient, last);
    const split = values.map((_, l) => {
      const here = held(values, salient, l), kept = here * late > 0 ? Math.min(Math.abs(here), Math.abs(late)) : 0;
      return { here, late, kept, lost: Math.abs(here) - kept, new: Math.abs(late) - kept };
    });
    return { kind, mask, key: kind + mask, split };
  });
  const decoded = { ...scene, effects, ...unpacked(scene) };
  if (decoded.picture) decoded.picture.image = decoded.picture.image.map((grey) => 255 - 0.2 * grey); // pale ink on paper
  return decoded;
}

// Kept, lost, new and chance of a layer by order, over the picked kinds.
function summed(change, picked, layer) {
  return change[0][layer].map((_, o) => [0, 1, 2, 3].map((part) => picked.reduce((sum, k) => sum + change[k][layer][o][part], 0)));
}

// The strongest effects of a layer and of the output, by what they add to the comparison.
function weighed({ effects }, picked, layer, listed) {
  const size = (e) => e.split[layer].kept + e.split[layer].lost + e.split[layer].new;
  const shown = effects.filter((e) => picked.some((k) => ["and", "or"][k] === e.kind) && size(e) > 0)
    .sort((a, b) => size(b) - size(a)).slice(0, listed);
  return { shown, reach: shown.length ? size(shown[0]) : 1 };
}

// What becomes of an effect, in a word, and in which of the three colours it is drawn.
function fate({ here, late, kept, lost, new: more }) {
  if (!here) return ["new", "still to come"];
  if (!late) return ["lost", "forgotten later"];
  if (!kept) return ["lost", "changes its sign"];
  if (kept >= Math.max(lost, more)) return ["kept", "kept"];
  return lost > more ? ["lost", "mostly forgotten"] : ["new", "mostly to come"];
}

function choosers({ scenes, ors }, state, change) {
  const sample = choice("sample", scenes.map((s) => s.title), (scene) => change({ scene }));
  const kinds = choice("kinds of interactions", KIND_NAMES, (place) => change({ kinds: place }));
  const element = node("div", { class: "hx-choosers" }, ...(scenes.length > 1 ? [sample.element] : []), ...(ors ? [kinds.element] : []));
  function update() {
    sample.set(state.scene);
    kinds.set(state.kinds);
  }
  return { element, update };
}

function layerSlider({ layers }, state, change) {
  const range = slider("layer", layers.length, (layer) => change({ layer }));
  const update = () => range.set(state.layer, `${layers[state.layer]} (${state.layer + 1} of ${layers.length})`);
  return { element: range.element, update };
}

// The picture or the words, with the listed interactions, or with one of them alone.
function stage({ layers }, state) {
  const canvas = node("canvas", {}), svg = shape("svg", { "aria-hidden": "true" });
  const picture = node("div", { class: "hx-stage" }, canvas, svg), words = node("p", { class: "hx-sentence" });
  const said = node("div", { class: "hx-note" }), element = node("div", { class: "hx-scene" }, picture, words, said);
  function update({ scene, shown }) {
    const alone = shown.find((e) => e.key === state.hint) || shown.find((e) => e.key === state.focus), few = shown.slice(0, DRAWN);
    picture.hidden = !scene.picture;
    words.hidden = Boolean(scene.picture);
    if (scene.picture) onPicture(scene, alone ? [alone] : few, state.layer, Boolean(alone), canvas, svg);
    else words.replaceChildren(...inWords(scene, alone || shown[0], state.layer));
    const one = alone || (scene.picture ? null : shown[0]);
    const which = one ? `${named(one, scene)}: ${fate(one.split[state.layer])[1]}.` : `The ${few.length} strongest together` + (few.some((e) => e.kind === "or") ? "; dashed: OR." : ".");
    said.textContent = shown.length ? which : `Nothing is salient in ${layers[state.layer]} or in the output.`;
  }
  return { element, update };
}

// A star for each interaction, strongest on top; a single player, or one shown alone, is filled.
function onPicture({ picture, areas }, effects, layer, alone, canvas, svg) {
  paintGrey(picture, canvas, svg);
  const { frames, numbers } = framed(areas);
  const stars = [...effects].reverse().map((e) => {
    const marks = drawn({ mask: e.mask, value: 0 }, areas), filled = alone || order(e.mask) === 1;
    return shape("g", { class: `hx-${e.kind} hx-is-${fate(e.split[layer])[0]}` }, ...marks.filter((m) => filled || m.tagName === "line"));
  });
  svg.replaceChildren(...frames, ...stars, ...numbers);
}

function inWords({ words }, effect, layer) {
  const part = effect && fate(effect.split[layer])[0];
  return words.flatMap(([word, player]) => {
    const inside = effect && player >= 0 && (effect.mask >> player) & 1;
    return [node("span", { class: inside ? `hx-word hx-${effect.kind} hx-is-${part}` : player < 0 ? "hx-still" : "hx-word" }, word), " "];
  });
}

function named({ kind, mask }, { tags, picture }) {
  const kindOf = order(mask) > 1 ? kind.toUpperCase() + " " : picture ? "patch " : "";
  return kindOf + members(mask).map((i) => tags[i]).join(" · ");
}

// Total strengths of a layer: kept, lost, new and what chance would keep.
function totals(orders) {
  const [kept, lost, more, chance] = [0, 1, 2, 3].map((part) => orders.reduce((sum, row) => sum + row[part], 0));
  const ratio = (a, b) => (b > 0 ? a / b : null);
  return { kept, lost, new: more, completeness: ratio(kept, kept + more), redundancy: ratio(lost, kept + lost), chance: ratio(chance, kept + more) };
}

function percent(share) {
  return share == null ? "none" : `${(100 * share).toFixed(0)} %`;
}

// Two numbers, and the same in a sentence that a screen reader hears at every step.
function summary({ layers, valueName }, state) {
  const cells = ["completeness", "redundancy"].map((name) => {
    const big = node("output", { class: `hx-big hx-${name}` }), note = node("div", { class: "hx-note" });
    return { big, note, element: node("div", {}, node("div", { class: "hx-note" }, name + " so far"), big, note) };
  });
  const said = node("p", { class: "hx-said", "aria-live": "polite" }), unit = node("p", { class: "hx-note" }, `Strength: ${valueName}.`);
  const element = node("div", { class: "hx-summary" }, ...cells.map((c) => c.element), said, unit);
  function update({ scene, picked, sums }) {
    const t = totals(sums[state.layer]), here = layers[state.layer], counts = (l, i) => picked.reduce((sum, k) => sum + scene.counts[k][l][i], 0);
    cells[0].big.textContent = percent(t.completeness);
    cells[0].note.textContent = t.completeness == null ? "nothing salient in the output" : `of the output is here; by chance ${percent(t.chance)}`;
    cells[1].big.textContent = percent(t.redundancy);
    cells[1].note.textContent = t.redundancy == null ? "nothing salient here" : "of what is here is forgotten";
    const salient = counts(state.layer, 0), both = counts(state.layer, 1), end = counts(layers.length - 1, 0);
    said.textContent = state.layer === layers.length - 1
      ? `In the output, ${salient} interactions are salient, of strength ${(t.kept + t.new).toFixed(2)} in all.`
      : `In ${here}, ${salient} interactions are salient; in the output ${end}; in both ${both}. Of the strength ${(t.kept + t.lost).toFixed(2)} here, `
        + `${t.kept.toFixed(2)} is kept and ${t.lost.toFixed(2)} forgotten; ${t.new.toFixed(2)} is still to come.`;
  }
  return { element, update };
}

// Stacked bars by order, on one scale for all layers; the tick is the overlap of shuffled players.
function barChart({ layers }, state) {
  const chart = plot("Strength by order", 190), entry = (name, text) => node("span", { class: "hx-entry" }, node("i", { class: "hx-is-" + name }), text);
  const key = node("div", { class: "hx-key hx-note" }, entry("kept", "kept"), entry("lost", "forgotten"), entry("new", "to come"), entry("chance", "kept by chance"));
  chart.element.append(key);
  function draw({ sums }, width, height) {
    const total = (row) => row[0] + row[1] + row[2], most = Math.max(...sums.flat().map(total)) || 1;
    const last = Math.max(3, ...sums.map((orders) => orders.reduce((far, row, o) => (total(row) > 0.004 * most ? o + 1 : far), 0)));
    const box = { left: 30, right: width - 2, top: 8, bottom: height - 32 }, pitch = (box.right - box.left) / last;
    const y = (value) => box.bottom - ((box.bottom - box.top) * value) / most;
    const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].find((s) => most / s <= 4) || most;
    const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
    const bars = sums[state.layer].slice(0, last).flatMap((row, o) => {
      const x = box.left + pitch * (o + 0.12), wide = 0.76 * pitch;
      let foot = 0;
      const stack = SHARES.map((name, i) => {
        foot += row[i];
        return shape("rect", { x, width: wide, y: y(foot), height: Math.max(0, y(foot - row[i]) - y(foot)), class: "hx-is-" + name });
      });
      const chance = row[3] > 0 ? [shape("line", { x1: x, x2: x + wide, y1: y(row[3]), y2: y(row[3]), class: "hx-is-chance" })] : [];
      return [...stack, ...chance, shape("text", { x: x + wide / 2, y: box.bottom + 14, "text-anchor": "middle" }, String(o + 1))];
    });
    const words = sums[state.layer].slice(0, last).map((row, o) => `order ${o + 1}: ${row.slice(0, 3).map((v, i) =>
      `${v.toFixed(2)} ${["kept", "forgotten", "to come"][i]}`).join(", ")}`);
    chart.svg.setAttribute("aria-label", `Strength by order in ${layers[state.layer]}. ${words.join("; ")}.`);
    return [...rules(ticks, box, y, (tick) => String(Number(tick.toFixed(2)))), ...bars,
      shape("text", { x: box.right, y: box.bottom + 28, "text-anchor": "end" }, "order")];
  }
  return chart.with(draw);
}

// Completeness and redundancy against depth, bold up to the layer where the slider stands.
function ratioChart({ layers }, state, change) {
  const chart = plot("Completeness and redundancy so far", 190);
  chart.element.classList.add("hx-ratios");
  let at = () => 0;
  chart.svg.addEventListener("click", (event) => {
    const x = event.clientX - chart.svg.getBoundingClientRect().left, away = layers.map((_, l) => Math.abs(at(l) - x));
    change({ layer: away.indexOf(Math.min(...away)) });
  });
  function draw({ sums }, width, height) {
    const box = { left: 42, right: width - 14, top: 10, bottom: height - 30 }, all = sums.map(totals);
    const y = (share) => box.bottom - (box.bottom - box.top) * share;
    at = (l) => box.left + 12 + ((box.right - box.left - 24) * l) / (layers.length - 1);
    const path = (name, from, to) => all.slice(from, to + 1).reduce((d, t, i) =>
      (t[name] == null ? d : `${d}${i && all[from + i - 1][name] != null ? "L" : "M"}${at(from + i).toFixed(1)} ${y(t[name]).toFixed(1)}`), "");
    const lines = ["chance", "completeness", "redundancy"].flatMap((name) => {
      const value = all[state.layer][name], dot = { cx: at(state.layer), cy: y(value || 0), r: 5.5, class: "hx-" + name };
      return [shape("path", { d: path(name, state.layer, layers.length - 1), class: `hx-${name} hx-later` }),
        shape("path", { d: path(name, 0, state.layer), class: "hx-" + name }),
        ...(value == null || name === "chance" ? [] : [shape("circle", dot)])];
    });
    const clear = 7.5 * Math.max(...layers.map((name) => name.length)), few = at(1) - at(0) < clear, last = layers.length - 1;
    const names = layers.map((name, l) => (l === state.layer || ((!few || l === 0 || l === last) && Math.abs(at(l) - at(state.layer)) >= clear)
      ? [shape("text", { x: Math.min(at(l), width - 3.6 * name.length), y: box.bottom + 16, "text-anchor": "middle", class: l === state.layer ? "hx-now" : "" }, name)] : []));
    chart.svg.setAttribute("aria-label", "Completeness and redundancy by layer. " + all.map((t, l) =>
      `${layers[l]}: ${percent(t.completeness)}, ${percent(t.redundancy)}`).join("; ") + ".");
    return [...rules([0, 0.5, 1], box, y, percent), shape("line", { x1: at(state.layer), x2: at(state.layer), y1: box.top, y2: box.bottom, class: "hx-here" }),
      ...lines, ...names.flat()];
  }
  const line = (name, text) => node("span", { class: "hx-entry" },
    shape("svg", { viewBox: "0 0 22 8", class: "hx-sign" }, shape("path", { d: "M0 4H22", class: "hx-" + name })), text);
  chart.element.append(node("div", { class: "hx-key hx-note" }, line("completeness", "completeness"), line("chance", "its chance"), line("redundancy", "redundancy")));
  return chart.with(draw);
}

function interactionList({ layers, listed }, state, change, point) {
  const title = node("div", { class: "hx-kicker" }), rows = node("div", {});
  const lines = Array.from({ length: listed }, () => interactionLine(state, change, point));
  rows.append(...lines.map((l) => l.element));
  function update({ scene, shown, reach }) {
    const end = state.layer === layers.length - 1;
    title.textContent = end ? "Strongest in the output" : "Strongest here or in the output";
    lines.forEach((line, i) => line.set(shown[i], scene, reach, state.layer, end));
  }
  return { element: node("div", { class: "hx-list" }, title, rows), update };
}

// One interaction: where it is, what becomes of it, and its strength here and in the output.
function interactionLine(state, change, point) {
  const thumb = node("span", { class: "hx-thumb", "aria-hidden": "true" }), name = node("span", { class: "hx-set" });
  const word = node("span", { class: "hx-fate" }), number = node("span", { class: "hx-number" });
  const parts = SHARES.map((part) => node("span", { class: "hx-is-" + part })), track = node("span", { class: "hx-split", "aria-hidden": "true" }, ...parts);
  let key = null;
  const element = node("button", {
    type: "button", class: "hx-line", onclick: () => change({ focus: key === state.focus ? null : key }),
    onmouseenter: () => point(key), onmouseleave: () => point(null), onfocus: () => point(key), onblur: () => point(null),
  }, thumb, node("span", { class: "hx-top" }, name, word), track, number);
  function set(e, scene, reach, layer, end) {
    element.hidden = !e;
    if (!e) return;
    key = e.key;
    const split = e.split[layer], [part, said] = fate(split);
    const what = named(e, scene), value = (v) => (v ? format(v, 2, true) : "–");
    const here = value(split.here), late = value(split.late), spoken = (text) => (text === "–" ? "not salient" : text);
    element.classList.toggle("hx-plain", !scene.areas);
    if (scene.areas) {
      const small = thumbnail(scene, e.mask, 1);
      small.classList.add("hx-is-" + part);
      thumb.replaceChildren(small);
    } else thumb.replaceChildren();
    name.textContent = what;
    word.textContent = end ? "" : said;
    word.className = "hx-fate hx-is-" + part;
    parts.forEach((p, i) => { p.style.width = (100 * split[SHARES[i]]) / reach + "%"; });
    number.textContent = end ? late : `${here} → ${late}`;
    element.setAttribute("aria-label", end ? `${what}: ${late}` : `${what}, ${said}: ${spoken(here)} here, ${spoken(late)} in the output`);
    element.setAttribute("aria-pressed", String(key === state.focus));
  }
  return { element, set };
}
