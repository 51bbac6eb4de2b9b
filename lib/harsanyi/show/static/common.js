// Helpers that every explorable uses. A coalition is a bitmask: bit i is set when player i is in.

// Make an HTML element: node("button", {class: "x", onclick: f}, "text", child).
function node(tag, attrs, ...children) {
  return dress(document.createElement(tag), attrs, children);
}

// The same for an SVG element.
function shape(tag, attrs, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attrs, children);
}

function dress(element, attrs, children) {
  for (const [key, value] of Object.entries(attrs || {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// A number with a true minus sign and never "−0"; plus = true writes + before positive ones.
function format(x, digits, plus) {
  const text = Math.abs(x).toFixed(digits);
  if (Number(text) === 0) return text;
  return (x < 0 ? "−" : plus ? "+" : "") + text;
}

// Blue adds, vermilion takes away, grey is nothing (to within dust).
function signClass(x) {
  return Math.abs(x) < 1e-9 ? "hx-zero" : x > 0 ? "hx-pos" : "hx-neg";
}

function members(mask) {
  const players = [];
  for (let i = 0; mask >> i; i++) if ((mask >> i) & 1) players.push(i);
  return players;
}

function order(mask) {
  return members(mask).length;
}

function isSubset(part, whole) {
  return (part & ~whole) === 0;
}

function label(mask, names) {
  return mask ? "{" + members(mask).map((i) => names[i]).join(", ") + "}" : "∅";
}

// Dividends of a centred table, by the butterfly: for each player, with minus without.
function mobius(values) {
  const out = values.map((v) => v - values[0]);
  for (let bit = 1; bit < out.length; bit <<= 1) {
    for (let mask = 0; mask < out.length; mask++) if (mask & bit) out[mask] -= out[mask ^ bit];
  }
  return out;
}

// An on/off button for a player; press(on) repaints it.
function toggle(text, name, onclick) {
  const button = node("button", { type: "button", class: "hx-toggle", onclick }, text);
  button.setAttribute("aria-label", name);
  const press = (on) => button.setAttribute("aria-pressed", String(Boolean(on)));
  return { button, press };
}

function push(text, onclick) {
  return node("button", { type: "button", class: "hx-push", onclick }, text);
}

// v(x_T), typeset.
function valueOfT() {
  return node("span", {}, "v(x", node("sub", {}, "T"), ")");
}

// A bar in a track, from a to b on the scale low..high; set(a, b, low, high) moves it.
function bar() {
  const fill = node("span", { class: "hx-fill" });
  const zero = node("span", { class: "hx-origin" });
  const track = node("span", { class: "hx-track", "aria-hidden": "true" }, zero, fill);
  const set = (a, b, low, high) => {
    const at = (x) => (100 * (x - low)) / (high - low);
    fill.style.left = at(Math.min(a, b)) + "%";
    fill.style.width = at(Math.max(a, b)) - at(Math.min(a, b)) + "%";
    fill.className = "hx-fill " + signClass(b - a);
    zero.style.left = at(0) + "%";
  };
  return { track, set };
}

// Title and the one line that says what to do.
function heading(title, advice) {
  return node("div", { class: "hx-head" }, node("div", { class: "hx-title" }, title),
    node("div", { class: "hx-advice" }, advice));
}
