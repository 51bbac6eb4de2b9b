// What two networks share on a sample: the effects of both top sets, and those of one alone.

const STEP = 5; // rows shown of a region at first, and added by "more"
const HOW = { joint: "told jointly", separate: "told one by one" };

function render({ model, el }) {
  const scenes = model.get("scenes").map(prepare), sizes = model.get("sizes");
  const state = { scene: 0, pair: 0, telling: null, size: model.get("size"), region: 1, focus: null, hint: null, rows: STEP };
  const mark = stage(state), lists = regions(state, change, point);
  const parts = [choosers(scenes, sizes, state, change), circles(), mark, lists];
  let view = null;
  function change(news) {
    Object.assign(state, { hint: null }, "rows" in news || "region" in news || "focus" in news ? {} : { rows: STEP }, news);
    const scene = scenes[state.scene];
    state.pair = Math.min(state.pair, scene.pairs.length - 1);
    const pair = scene.pairs[state.pair], names = Object.keys(pair.tellings);
    if (!names.includes(state.telling)) state.telling = names[0];
    const told = pair.tellings[state.telling], k = sizes[state.size];
    view = { scene, pair, names, told, k, columns: sorted(told.effects, k) };
    if (!view.columns.flat().some((e) => e.key === state.focus)) state.focus = null;
    parts.forEach((part) => part.update(view));
  }
  function point(key) {
    state.hint = key;
    mark.update(view);
  }
  el.replaceChildren(
    heading(el.parentNode.getAttribute("aria-label"), "Each network’s k strongest effects, AND and OR together. "
      + "Tap an effect to see its players."),
    node("div", { class: "hx-desk" }, ...parts.map((part) => part.element)));
  change({});
}

// Decode a scene; an effect gets a key, and its strengths as shares of each network's strongest.
function prepare(scene) {
  const digits = (strongest) => (strongest >= 100 ? 0 : strongest >= 10 ? 1 : 2);
  const pairs = scene.pairs.map(({ networks, tellings }) => {
    const decoded = Object.entries(tellings).map(([name, { effects, strongest, choices }]) => [name, {
      choices,
      digits: digits(Math.max(...strongest)),
      effects: effects.map(([kind, mask, first, second, ...ranks]) => ({
        kind, mask, ranks, values: [first, second], key: kind + mask,
        shares: [first, second].map((value, i) => value / (strongest[i] || 1)),
      })),
    }]);
    return { networks, tellings: Object.fromEntries(decoded) };
  });
  return { ...scene, pairs, ...unpacked(scene) };
}

// The three regions, each strongest first: the first network's own, shared, the second's own.
function sorted(effects, k) {
  const columns = [[], [], []];
  effects.forEach((e) => {
    const [first, second] = e.ranks.map((rank) => rank > 0 && rank <= k);
    if (first || second) columns[first && second ? 1 : first ? 0 : 2].push(e);
  });
  const strength = ({ shares }) => Math.abs(shares[0]) + Math.abs(shares[1]);
  columns.forEach((column) => column.sort((a, b) => strength(b) - strength(a)));
  return columns;
}

function choosers(scenes, sizes, state, change) {
  const sample = choice("sample", scenes.map((s) => s.title), (scene) => change({ scene }));
  const rest = node("div", { class: "hx-choosers" }), size = slider("strongest k", sizes.length, (place) => change({ size: place }));
  const element = node("div", { class: "hx-inputs" }, ...(scenes.length > 1 ? [sample.element] : []), rest, size.element);
  let shown = "";
  function update({ scene, names }) {
    const titles = scene.pairs.map(({ networks }) => networks.join(" and ")), key = [...titles, ...names].join("|");
    if (key !== shown) { // another sample may bring other networks
      shown = key;
      const pair = choice("networks", titles, (place) => change({ pair: place }));
      const telling = choice("how they are told", names.map((name) => HOW[name] || name), (place) => change({ telling: names[place] }));
      rest.replaceChildren(...(titles.length > 1 ? [pair.element] : []), ...(names.length > 1 ? [telling.element] : []));
      element.press = () => [pair.set(state.pair), telling.set(names.indexOf(state.telling))];
    }
    element.press();
    sample.set(state.scene);
    size.set(state.size, `${sizes[state.size]} effects of each network`);
  }
  return { element, update };
}

// Two circles whose areas, and whose common area, are the numbers of effects.
function circles() {
  const svg = shape("svg", { viewBox: "0 0 360 168", "aria-hidden": "true" });
  const said = node("div", { class: "hx-said", "aria-live": "polite" });
  const element = node("div", { class: "hx-venn" }, svg, said);
  function update({ pair, told, columns, k }) {
    const [a, both, b] = columns.map((column) => column.length), sets = [a + both, b + both];
    const radii = sets.map((count) => 62 * Math.sqrt(count / k)), gap = apart(...radii, (both / k) * Math.PI * 62 * 62);
    const left = 180 - (radii[0] + gap + radii[1]) / 2 + radii[0], right = left + gap, y = 100;
    const ends = [left - radii[0], Math.max(left - radii[0], right - radii[1]), Math.min(left + radii[0], right + radii[1]), right + radii[1]];
    const wide = [0, 1, 2].map((i) => i === 1 || ends[i + 1] - ends[i] > 26); // else the number stands outside
    const at = [wide[0] ? (ends[0] + ends[1]) / 2 : ends[0] - 16, (ends[1] + ends[2]) / 2, wide[2] ? (ends[2] + ends[3]) / 2 : ends[3] + 16];
    const text = (x, height, words, name) => shape("text", { x, y: height, class: name, "text-anchor": "middle" }, words);
    svg.replaceChildren(
      shape("circle", { cx: left, cy: y, r: radii[0] }), shape("circle", { cx: right, cy: y, r: radii[1] }),
      ...[a, both, b].map((count, i) => (count ? text(at[i], y + 7, String(count), i === 1 ? "hx-count hx-both" : "hx-count") : "")),
      ...[[left, -1, 90], [right, 1, 270]].flatMap(([centre, side, x], i) => [
        text(x, 20, pair.networks[i], "hx-name"),
        shape("line", { x1: x, y1: 27, x2: centre + side * 0.5 * radii[i], y2: y - 0.866 * radii[i] })]));
    const chance = (sets[0] * sets[1]) / told.choices, many = Math.max(...sets);
    said.replaceChildren(node("b", {}, `${both} of ${many} shared`),
      ` (${many ? ((100 * both) / many).toFixed(0) : 0} %). Two random sets of these sizes would share ${chance.toFixed(1)}.`
      + (many < k ? ` Fewer than ${k} effects stand out from zero.` : ""));
  }
  return { element, update };
}

// How far apart two circles of these radii lie when their common area is as given.
function apart(r, s, area) {
  let near = Math.abs(r - s), far = r + s;
  const angle = (p, q, d) => Math.acos(Math.min(1, Math.max(-1, (d * d + p * p - q * q) / (2 * d * p || 1))));
  const common = (d) => [[r, s], [s, r]].reduce((sum, [p, q]) => {
    const half = angle(p, q, d);
    return sum + p * p * (half - Math.sin(half) * Math.cos(half));
  }, 0);
  for (let i = 0; i < 40; i++) {
    const middle = (near + far) / 2;
    if (common(middle) > area) near = middle;
    else far = middle;
  }
  return far;
}

// The picture or the sentence, with the players of one effect, and that effect in words.
function stage(state) {
  const canvas = node("canvas", {}), svg = shape("svg", { "aria-hidden": "true" });
  const picture = node("div", { class: "hx-stage" }, canvas, svg), sentence = node("p", { class: "hx-sentence" });
  const said = node("div", { class: "hx-said" });
  const element = node("div", { class: "hx-scene" }, picture, sentence, said);
  function update({ scene, pair, told, columns }) {
    const all = columns.flat(), find = (key) => all.find((e) => e.key === key);
    const effect = find(state.hint) || find(state.focus) || columns[1][0] || all[0];
    picture.hidden = !scene.picture;
    sentence.hidden = Boolean(scene.picture);
    if (scene.picture) onPicture(scene, effect, canvas, svg);
    else sentence.replaceChildren(...inSentence(scene, effect));
    said.replaceChildren(...(effect ? described(effect, scene, pair, told) : ["No effect stands out from zero."]));
  }
  return { element, update };
}

// The value of the network in which the effect is stronger, for its sign.
function leading({ values, shares }) {
  return Math.abs(shares[0]) >= Math.abs(shares[1]) ? values[0] : values[1];
}

function onPicture({ picture, areas }, effect, canvas, svg) {
  paintGrey(picture, canvas, svg);
  const { frames, numbers } = framed(areas), marks = effect ? drawn({ mask: effect.mask, value: leading(effect) }, areas) : [];
  svg.replaceChildren(...frames, shape("g", { class: effect ? "hx-" + effect.kind : "" }, ...marks), ...numbers);
}

function inSentence({ words }, effect) {
  return words.flatMap(([word, player]) => {
    const inside = effect && player >= 0 && (effect.mask >> player) & 1;
    const name = inside ? `hx-word hx-${effect.kind} ${signClass(leading(effect))}` : player < 0 ? "hx-still" : "hx-word";
    return [node("span", { class: name }, word), " "];
  });
}

function described({ kind, mask, values, ranks }, { tags, valueName }, { networks }, { digits }) {
  const players = members(mask).map((i) => tags[i]).join(" · "), several = order(mask) > 1;
  const each = networks.map((name, i) => `${format(values[i], digits, true)} in ${name} (${ranks[i] ? "rank " + ranks[i] : "zero"})`);
  const opposed = values[0] * values[1] < 0 && ranks[0] && ranks[1] ? " The signs are opposed." : "";
  return [node("b", {}, (several ? kind.toUpperCase() + " of " : "") + players), `: ${each.join(", ")}; ${valueName}.${opposed}`];
}

// Three lists side by side; on a phone one of them, chosen by the row of buttons.
function regions(state, change, point) {
  const tabs = node("div", { class: "hx-row hx-tabs", role: "group", "aria-label": "region" });
  const columns = [0, 1, 2].map((region) => column(region, state, change, point)), note = node("div", { class: "hx-note hx-legend" });
  const buttons = [0, 1, 2].map((region) => toggle("", "region", () => change({ region })));
  tabs.append(...buttons.map((b) => b.button));
  const element = node("div", { class: "hx-regions" }, tabs, node("div", { class: "hx-columns" }, ...columns.map((c) => c.element)), note);
  function update(view) {
    const titles = [`only ${view.pair.networks[0]}`, "shared", `only ${view.pair.networks[1]}`];
    buttons.forEach(({ button, press }, region) => {
      button.textContent = `${titles[region]}: ${view.columns[region].length}`;
      button.setAttribute("aria-label", button.textContent);
      press(region === state.region);
    });
    columns.forEach((c, region) => c.update(view, titles[region]));
    note.textContent = `Upper bar: ${view.pair.networks[0]}; lower bar: ${view.pair.networks[1]}; each a share of the network’s `
      + "strongest effect, pale where it is not among its k strongest. Blue raises the value, vermilion lowers it."
      + (view.scene.words ? " Words in grey do not play: they are always there." : "");
  }
  return { element, update };
}

function column(region, state, change, point) {
  const title = node("div", { class: "hx-kicker" }), rows = node("div", {});
  const more = push("", () => change({ rows: state.rows + STEP }));
  const element = node("div", { class: "hx-column" }, title, rows, more), lines = [];
  function update({ scene, pair, told, columns, k }, name) {
    const all = columns[region], shown = all.slice(0, state.rows);
    element.classList.toggle("hx-chosen", region === state.region);
    title.textContent = `${name}: ${all.length}`;
    while (lines.length < shown.length) {
      lines.push(line(change, point, state));
      rows.append(lines[lines.length - 1].element);
    }
    lines.forEach((l, i) => l.set(shown[i], scene, pair, told, k));
    const hidden = all.length - shown.length;
    more.hidden = !hidden;
    more.textContent = `${Math.min(STEP, hidden)} more of ${hidden}`;
  }
  return { element, update };
}

// One effect: where it is, its name, and its strength in both networks.
function line(change, point, state) {
  const thumb = node("span", { class: "hx-thumb", "aria-hidden": "true" }), name = node("span", { class: "hx-set" });
  const bars = [bar(), bar()], numbers = bars.map(() => node("span", { class: "hx-number" }));
  let key = null;
  const element = node("button", {
    type: "button", class: "hx-line", onclick: () => change({ focus: key === state.focus ? null : key }),
    onmouseenter: () => point(key), onmouseleave: () => point(null), onfocus: () => point(key), onblur: () => point(null),
  }, thumb, name, ...bars.flatMap((b, i) => [b.track, numbers[i]]));
  function set(e, { areas, tags }, { networks }, { digits }, k) {
    element.hidden = !e;
    if (!e) return;
    key = e.key;
    thumb.replaceChildren(...(areas ? [thumbnail({ areas }, e.mask, leading(e))] : []));
    element.classList.toggle("hx-plain", !areas);
    const kind = order(e.mask) > 1 ? [node("span", { class: "hx-kind" }, e.kind.toUpperCase()), " "] : [];
    const players = members(e.mask).map((i) => tags[i]).join(" · ");
    name.replaceChildren(...kind, players);
    bars.forEach((b, i) => {
      b.set(0, e.shares[i], -1, 1);
      b.track.classList.toggle("hx-pale", !(e.ranks[i] > 0 && e.ranks[i] <= k));
      numbers[i].textContent = format(e.values[i], digits, true);
    });
    element.setAttribute("aria-label", `${kind.length ? e.kind.toUpperCase() + " of " : ""}${players}: `
      + networks.map((network, i) => `${numbers[i].textContent} in ${network}`).join(", "));
    element.setAttribute("aria-pressed", String(key === state.focus));
  }
  return { element, set };
}
