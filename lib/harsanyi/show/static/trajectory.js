// Charts against the time of a training, and interactions with the course that they take.

// Losses and mean order against time, each with a line where the slider stands.
function timeCharts(told, state, change) {
  const losses = timeChart("Loss", told, state, change, ({ losses: [train, test] }) => [["hx-train", train], ["hx-test", test]], 0);
  const orders = timeChart("Mean order of strength", told, state, change, ({ order }) => [["hx-order", order]], null);
  const line = (name, text) => node("span", { class: "hx-entry" },
    shape("svg", { viewBox: "0 0 22 8", class: "hx-sign" }, shape("path", { d: "M0 4H22", class: name })), text);
  losses.element.append(node("div", { class: "hx-key hx-note" }, line("hx-train", "training data"), line("hx-test", "new data")));
  const turn = node("div", { class: "hx-key hx-note" }, line("hx-turn", "turn of two phases, with its 95 %"));
  orders.element.append(turn);
  const update = (view) => { turn.hidden = !view.run.turn; orders.update(view); };
  return [losses, { ...orders, update }];
}

// Lines on one scale for all runs; least fixes the foot of the scale. A tap moves the slider.
function timeChart(title, { runs, unit }, state, change, linesOf, least) {
  const chart = plot(title, 150), values = runs.flatMap((run) => linesOf(run).flatMap(([, line]) => line));
  const top = Math.max(...values), low = least == null ? Math.min(...values) : least, room = least == null ? 0.08 * (top - low || 1) : 0;
  let at = () => 0, moments = 0;
  chart.element.classList.add("hx-time");
  chart.svg.addEventListener("click", (event) => {
    const x = event.clientX - chart.svg.getBoundingClientRect().left, away = Array.from({ length: moments }, (_, m) => Math.abs(at(m) - x));
    change({ moment: away.indexOf(Math.min(...away)) });
  });
  function draw({ run }, width, height) {
    const box = { left: 32, right: width - 12, top: 8, bottom: height - 30 }, m = state.moment, last = run.at.length - 1;
    const first = run.at.find((t) => t > 0), scale = (t) => Math.log1p(t / first), span = scale(run.at[last]) - scale(run.at[0]);
    const place = (t) => box.left + 8 + ((box.right - box.left - 16) * (scale(t) - scale(run.at[0]))) / span;
    at = (moment) => place(run.at[moment]);
    moments = run.at.length;
    const y = (v) => box.bottom - ((box.bottom - box.top) * (v - low + room)) / (top - low + 2 * room || 1);
    const step = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].find((s) => (top - low) / s <= 3.5) || top, ticks = [];
    for (let tick = Math.ceil(low / step) * step; tick <= top + 1e-9; tick += step) ticks.push(tick);
    const lines = linesOf(run).flatMap(([name, line]) => [
      shape("path", { d: line.map((v, i) => `${i ? "L" : "M"}${at(i).toFixed(1)} ${y(v).toFixed(1)}`).join(""), class: name }),
      shape("circle", { cx: at(m), cy: y(line[m]), r: 5, class: name })]);
    const turn = run.turn ? [shape("rect", { x: place(run.turn[1]), width: place(run.turn[2]) - place(run.turn[1]), y: box.top, height: box.bottom - box.top, class: "hx-turn" }),
      shape("path", { d: `M${place(run.turn[0])} ${box.top}V${box.bottom}`, class: "hx-turn" })] : [];
    const named = [...new Set([0, last, m])].flatMap((i) => (i !== m && Math.abs(at(i) - at(m)) < 44 ? [] :
      [shape("text", { x: Math.min(at(i), width - 14), y: box.bottom + 16, "text-anchor": "middle", class: i === m ? "hx-now" : "" }, time(run.at[i]))]));
    chart.svg.setAttribute("aria-label", `${title} by ${unit}. ` + run.at.map((t, i) => `${time(t)}: ${linesOf(run).map(([, line]) => line[i].toFixed(2)).join(", ")}`).join("; ") + ".");
    return [...rules(ticks, box, y, (tick) => String(Number(tick.toFixed(2)))), ...turn, shape("line", { x1: at(m), x2: at(m), y1: box.top, y2: box.bottom, class: "hx-here" }),
      ...lines, ...named, shape("text", { x: (box.left + box.right) / 2, y: box.bottom + 28, "text-anchor": "middle" }, unit)];
  }
  return chart.with(draw);
}

function interactionList({ listed, unit, valueName }, state, change, point) {
  const title = node("div", { class: "hx-kicker" }), rows = node("div", {});
  const lines = Array.from({ length: listed }, () => interactionLine(state, change, point));
  rows.append(...lines.map((line) => line.element));
  function update({ run, scene, shown }) {
    title.textContent = `Strongest at ${unit} ${time(run.at[state.moment])}`;
    lines.forEach((line, i) => line.set(shown[i], scene, state.moment));
  }
  return { element: node("div", { class: "hx-list" }, title, rows, node("p", { class: "hx-note" }, `Right: ${valueName}; the small curve is its course through the training.`)), update };
}

// One interaction: where it is, its order, its course through the training, and its value now.
function interactionLine(state, change, point) {
  const thumb = node("span", { class: "hx-thumb", "aria-hidden": "true" }), name = node("span", { class: "hx-set" });
  const curve = shape("svg", { viewBox: "0 0 70 26", class: "hx-course", "aria-hidden": "true" }), number = node("span", { class: "hx-number" });
  let key = null;
  const element = node("button", {
    type: "button", class: "hx-line", onclick: () => change({ focus: key === state.focus ? null : key }),
    onmouseenter: () => point(key), onmouseleave: () => point(null), onfocus: () => point(key), onblur: () => point(null),
  }, thumb, name, curve, number);
  function set(effect, scene, moment) {
    element.hidden = !effect;
    if (!effect) return;
    key = effect.key;
    const { mask, value, values } = effect, size = Math.abs(value);
    const said = value ? format(value, size < 0.1 ? 3 : size < 9.995 ? 2 : 1, true) : "not salient";
    element.classList.toggle("hx-plain", !scene.areas);
    thumb.replaceChildren(...(scene.areas ? [thumbnail(scene, mask, value)] : []));
    name.textContent = named(effect, scene);
    number.textContent = said;
    number.classList.toggle("hx-faint", !value);
    const reach = Math.max(...values.map(Math.abs)), x = (i) => 4 + (62 * i) / (values.length - 1), y = (v) => 13 - (10 * v) / reach;
    curve.replaceChildren(shape("line", { x1: 2, x2: 68, y1: 13, y2: 13, class: "hx-rule" }),
      shape("path", { d: values.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join("") }),
      shape("circle", { cx: x(moment), cy: y(value), r: 3.5, class: signClass(value) }));
    element.setAttribute("aria-label", `${named(effect, scene)}: ${said}`);
    element.setAttribute("aria-pressed", String(key === state.focus));
  }
  return { element, set };
}
