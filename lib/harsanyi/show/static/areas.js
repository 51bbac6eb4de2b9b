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

// A grey picture of the data (width, height, bytes of image and owner) decoded, with its areas.
function unpacked({ picture, tags }) {
  if (!picture) return { picture: null, areas: null };
  const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const { width, height } = picture, owner = decode(picture.owner);
  return {
    picture: { width, height, owner, image: decode(picture.image) },
    areas: tags.map((_, i) => outline(owner, width, height, i)),
  };
}

// Draw such a picture, and lay the drawing over it out in its pixels.
function paintGrey({ width, height, image }, canvas, svg) {
  Object.assign(canvas, { width, height });
  const pixels = new ImageData(width, height);
  image.forEach((grey, p) => pixels.data.set([grey, grey, grey, 255], 4 * p));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
}

// Every player's frame and number.
function framed(areas) {
  return {
    frames: areas.map((area) => shape("path", { d: area.edge, class: "hx-frame" })),
    numbers: areas.map((area, i) => shape("text", { x: area.left + 0.2, y: area.top + 1.1, "font-size": 1.1 }, String(i + 1))),
  };
}
