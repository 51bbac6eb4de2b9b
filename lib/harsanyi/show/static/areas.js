// Players as areas of a picture: their outlines, and interactions drawn on them.

// A player's pixels as an SVG path to fill, the path of their border, centre and box.
function outline(owner, width, height, player) {
  const mine = (x, y) => x >= 0 && y >= 0 && x < width && y < height && owner[y * width + x] === player;
  const area = { fill: "", edge: "", x: 0, y: 0, left: width, top: height, right: 0, bottom: 0 };
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!mine(x, y)) continue;
      count++;
      area.x += x + 0.5;
      area.y += y + 0.5;
      area.fill += `M${x} ${y}h1v1h-1z`;
      if (!mine(x, y - 1)) area.edge += `M${x} ${y}h1`;
      if (!mine(x, y + 1)) area.edge += `M${x} ${y + 1}h1`;
      if (!mine(x - 1, y)) area.edge += `M${x} ${y}v1`;
      if (!mine(x + 1, y)) area.edge += `M${x + 1} ${y}v1`;
      area.left = Math.min(area.left, x);
      area.top = Math.min(area.top, y);
      area.right = Math.max(area.right, x + 1);
      area.bottom = Math.max(area.bottom, y + 1);
    }
  }
  return Object.assign(area, { x: area.x / count, y: area.y / count });
}

// An interaction on the picture: its players tinted, joined at their common centre.
function drawn({ mask, value }, areas) {
  const players = members(mask).map((i) => areas[i]), sign = signClass(value);
  const x2 = players.reduce((sum, p) => sum + p.x, 0) / players.length;
  const y2 = players.reduce((sum, p) => sum + p.y, 0) / players.length;
  return [
    ...players.map(({ fill }) => shape("path", { class: "hx-tint " + sign, d: fill })),
    ...players.map(({ x, y }) => shape("line", { class: sign, x1: x, y1: y, x2, y2 })),
    ...players.map(({ edge }) => shape("path", { class: "hx-edge " + sign, d: edge })),
  ];
}

// Where an interaction's players lie: the players' box, members filled.
function thumbnail({ areas }, mask, value) {
  const left = Math.min(...areas.map((a) => a.left)), top = Math.min(...areas.map((a) => a.top));
  const right = Math.max(...areas.map((a) => a.right)), bottom = Math.max(...areas.map((a) => a.bottom));
  return shape("svg", { viewBox: `${left} ${top} ${right - left} ${bottom - top}` },
    ...areas.map(({ fill }, i) => shape("path", { d: fill, class: (mask >> i) & 1 ? signClass(value) : "hx-rest" })));
}
