// Charts that several explorables have: drawn in pixels, with rules at ticks.

function elements(parts) {
  return parts.map((part) => part.element);
}

// A chart whose unit is the pixel: it is drawn anew when its width changes, so its letters keep their size.
function plot(title, height) {
  const svg = shape("svg", { role: "img", height });
  const element = node("div", { class: "hx-chart" }, node("div", { class: "hx-kicker" }, title), svg);
  function withDraw(draw) {
    let view = null;
    function update(news) {
      view = news;
      const width = Math.max(svg.clientWidth || 340, 140);
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.replaceChildren(...draw(view, width, height));
    }
    return { element, update, resize: () => view && update(view) };
  }
  return { svg, element, with: withDraw };
}

function rules(ticks, { left, right }, y, text) {
  return ticks.flatMap((tick) => [shape("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), class: "hx-rule" }),
    shape("text", { x: left - 5, y: y(tick) + 4, "text-anchor": "end" }, text(tick))]);
}
