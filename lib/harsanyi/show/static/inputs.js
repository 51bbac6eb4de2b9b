// Inputs that several explorables have: a row of choices, and a slider over the places of a list.

// One of several, as a row of toggles; pick(i) is called, set(i) presses the one that holds.
function choice(name, titles, pick) {
  const toggles = titles.map((title, i) => toggle(title, title, () => pick(i)));
  const element = node("div", { class: "hx-row hx-choice", role: "group", "aria-label": name }, ...toggles.map((t) => t.button));
  return { element, set: (place) => toggles.forEach((t, i) => t.press(i === place)) };
}

// A range over the places of a list; what it says stands beside its name.
function slider(name, count, oninput) {
  const said = node("output", {}), input = node("input", { type: "range", min: 0, max: count - 1, step: 1, "aria-label": name });
  input.addEventListener("input", () => oninput(Number(input.value)));
  const element = node("label", { class: "hx-slider" }, node("span", {}, name + " ", said), input);
  function set(place, text) {
    input.value = place;
    input.setAttribute("aria-valuetext", text);
    said.textContent = text;
  }
  return { element, set };
}
