// Writes zrender's tree of SVG nodes as a small document: coordinates to a tenth of a pixel,
// none of the marks that only a live chart needs, neighbours of one style together.

const round = (n) => Math.round(n * 10) / 10 || 0; // 0 and never -0

// num is the shortest form of a rounded number.
const num = (n) => String(round(n)).replace(/^(-?)0\./, '$1.');

// pair joins numbers with as little between them as SVG needs.
const pair = (...ns) => ns.map(num).join(' ').replace(/ (?=-)/g, '');

const shorter = (a, b) => (b.length < a.length ? b : a);

// path reads path data as segments with absolute coordinates, each rounded by itself, so that
// errors do not add up: ['M', x, y], ['L', x, y], ['C', …], ['Z']. It leaves out lines that lead
// nowhere. It knows what zrender writes: M L H V C Q A Z and their relative forms.
function path(d) {
  const out = [];
  let [x, y] = [0, 0]; // the point
  let start = [0, 0];
  const to = (nx, ny) => { [x, y] = [nx, ny]; };
  const line = (nx, ny) => {
    if (round(nx) !== round(x) || round(ny) !== round(y)) out.push(['L', round(nx), round(ny)]);
    to(nx, ny);
  };
  for (const [, name, rest] of d.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const ns = (rest.match(/-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g) || []).map(Number);
    const [dx, dy] = name === name.toLowerCase() ? [x, y] : [0, 0];
    switch (name.toUpperCase()) {
      case 'M':
        to(ns[0] + dx, ns[1] + dy);
        start = [x, y];
        out.push(['M', round(x), round(y)]);
        break;
      case 'L':
        for (let i = 0; i < ns.length; i += 2) line(ns[i] + dx, ns[i + 1] + dy);
        break;
      case 'H':
        line(ns[0] + dx, y);
        break;
      case 'V':
        line(x, ns[0] + dy);
        break;
      case 'C':
      case 'Q':
        out.push([name.toUpperCase(), ...ns.map((n, i) => round(n + (i % 2 ? dy : dx)))]);
        to(ns[ns.length - 2] + dx, ns[ns.length - 1] + dy);
        break;
      case 'A':
        to(ns[5] + dx, ns[6] + dy);
        out.push(['A', ...ns.slice(0, 5), round(x), round(y)]);
        break;
      case 'Z':
        out.push(['Z']);
        to(...start);
        break;
      default:
        throw new Error(`path command ${name}`);
    }
  }
  return out;
}

// data writes segments, each in the shorter of its forms: with the point's place, or with the way
// to it from the point before.
function data(segments) {
  let out = '';
  let [x, y] = [0, 0];
  let start = [0, 0];
  for (const [name, ...ns] of segments) {
    const [nx, ny] = name === 'Z' ? start : ns.slice(-2);
    if (name === 'Z') out += 'z';
    else if (name === 'M') out += out ? shorter(`M${pair(nx, ny)}`, `m${pair(nx - x, ny - y)}`) : `M${pair(nx, ny)}`;
    else if (name === 'A') out += `A${pair(ns[0], ns[1])} ${ns.slice(2, 5).join(' ')} ${pair(nx, ny)}`;
    else if (name !== 'L') out += name + pair(...ns);
    else if (ny === y) out += shorter(`H${num(nx)}`, `h${num(nx - x)}`);
    else if (nx === x) out += shorter(`V${num(ny)}`, `v${num(ny - y)}`);
    else out += shorter(`L${pair(nx, ny)}`, `l${pair(nx - x, ny - y)}`);
    [x, y] = [nx, ny];
    if (name === 'M') start = [x, y];
  }
  return out;
}

// polygon gives the corners of a polygon as segments, without those on a straight side; and
// polyline the points of an open line, of which it drops none but doubles.
const polygon = (points) => path(joined(points, true) + 'Z');
const polyline = (points) => path(joined(points, false));

function joined(points, closed) {
  const ns = points.split(/[ ,]+/).map(Number);
  const corners = [];
  for (let i = 0; i < ns.length; i += 2) {
    const [x, y] = [round(ns[i]), round(ns[i + 1])];
    const [a, b] = corners.slice(-2);
    if (closed && b && ((a[0] === b[0] && b[0] === x) || (a[1] === b[1] && b[1] === y))) corners.pop();
    corners.push([x, y]);
  }
  return corners.map(([x, y], i) => `${i ? 'L' : 'M'}${x} ${y}`).join('');
}

const dropped =
  /^(class|ecmeta_.*|xml:space|xmlns:xlink|version|baseProfile|pointer-events|cursor|stroke-miterlimit|dominant-baseline)$/;

// The values that SVG assumes.
const assumed = { 'text-anchor': 'start', 'stroke-width': '1', x: '0', y: '0', fill: '#000' };

// slim gives a node as it will be written: { tag, attrs, text, children }, or null if it shows
// nothing.
function slim(node) {
  let { tag } = node;
  const attrs = {};
  for (const [key, value] of Object.entries(node.attrs)) {
    if (dropped.test(key) || value === false || value == null) continue;
    if (key === 'style') {
      for (const [, name, text] of value.matchAll(/(font[a-z-]*):\s*([^;]+)/g)) {
        if (name === 'font') throw new Error(`text without a font size: ${node.text}`);
        attrs[name] = text.replace(/px$/, '');
      }
    } else if (key === 'd') attrs.d = path(value);
    else if (key === 'points') [tag, attrs.d] = ['path', tag === 'polyline' ? polyline(value) : polygon(value)];
    else if (key === 'fill' || key === 'stroke') attrs[key] = hex(value);
    else attrs[key] = typeof value === 'number' ? num(value) : value;
  }
  const shown = (paint, opacity) => paint !== 'none' && paint !== undefined && +(attrs[opacity] ?? 1) > 0;
  if (tag === 'path' || tag === 'circle') {
    const filled = shown(attrs.fill ?? '#000', 'fill-opacity');
    const stroked = shown(attrs.stroke, 'stroke-opacity') && attrs['stroke-width'] !== '0';
    if (!filled && !stroked) return null;
    if (!filled) {
      attrs.fill = 'none';
      delete attrs['fill-opacity'];
    }
    if (tag === 'path' && !attrs.d.some(([name]) => name !== 'M' && name !== 'Z')) return null; // a line that leads nowhere
    // A lone straight line has nothing to fill.
    if (stroked && attrs.d?.length === 2) attrs.fill = 'none';
  }
  if (tag === 'circle' && !attrs.stroke && !attrs.transform) {
    // As dots of a round pen, circles of one size and colour can be one path.
    const { cx, cy, r, fill } = attrs;
    return {
      tag: 'path',
      attrs: { d: [['M', round(cx), round(cy)], ['L', round(cx), round(cy)]], stroke: fill, 'stroke-width': num(2 * r), 'stroke-linecap': 'round' },
    };
  }
  const moved = tag === 'text' && /^translate\((\S+)[ ,](\S+)\)$/.exec(attrs.transform);
  if (moved) {
    attrs.x = num(+(attrs.x || 0) + +moved[1]);
    attrs.y = num(+(attrs.y || 0) + +moved[2]);
    delete attrs.transform;
  }
  if (tag === 'image') Object.assign(attrs, { preserveAspectRatio: 'none', style: 'image-rendering:pixelated' });
  for (const [key, value] of Object.entries(assumed)) if (attrs[key] === value) delete attrs[key];
  return { tag, attrs, text: node.text, children: merge((node.children || []).map(slim).filter(Boolean)) };
}

// hex writes a colour in the shortest way.
function hex(colour) {
  const rgb = /^rgb\((\d+),(\d+),(\d+)\)$/.exec(colour);
  if (rgb) colour = '#' + rgb.slice(1).map((n) => (+n).toString(16).padStart(2, '0')).join('');
  return colour.toLowerCase().replace(/^#(.)\1(.)\2(.)\3$/, '#$1$2$3');
}

// merge makes one path of neighbours that differ in their data only, which shows the same as
// long as they are opaque, and puts neighbouring texts of one style into a group.
function merge(nodes) {
  const out = [];
  for (const node of nodes) {
    const last = out[out.length - 1];
    if (last && node.tag === 'path' && last.tag === 'path' && alike(node.attrs, last.attrs)) {
      last.attrs.d.push(...node.attrs.d);
    } else if (last && node.tag === 'text' && last.style && alike(style(node.attrs), last.style)) {
      last.children.push({ ...node, attrs: place(node.attrs) });
    } else if (node.tag === 'text') {
      const own = style(node.attrs);
      out.push({ tag: 'g', attrs: own, style: own, children: [{ ...node, attrs: place(node.attrs) }] });
    } else out.push(node);
  }
  // A group of one is written as the text itself; what more have in common is said once.
  for (const node of out) if (node.style && node.children.length > 2) align(node);
  return out.map((node) => node.style && node.children.length === 1
    ? { ...node.children[0], attrs: { ...node.children[0].attrs, ...node.style } } : node);
}

// align moves a group of texts to where all of them stand, in one direction.
function align(group) {
  const texts = group.children.map((text) => text.attrs);
  const same = ['x', 'y'].find((key) => texts[0][key] && texts.every((a) => a[key] === texts[0][key] && !a.transform));
  if (!same) return;
  group.attrs = { ...group.attrs, transform: `translate(${same === 'x' ? `${texts[0].x} 0` : `0 ${texts[0].y}`})` };
  for (const attrs of texts) delete attrs[same];
}

const places = ['d', 'x', 'y', 'transform'];
const place = (attrs) => Object.fromEntries(Object.entries(attrs).filter(([k]) => places.includes(k)));
const style = (attrs) => Object.fromEntries(Object.entries(attrs).filter(([k]) => !places.includes(k)));

function alike(a, b) {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((k) => k === 'd' || (a[k] === b[k] && !/opacity|filter/.test(k)));
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (value) => String(value).replace(/[&<>"]/g, (c) => escapes[c]);

function write({ tag, attrs, text, children }) {
  const open = tag + Object.entries(attrs).map(([k, v]) => ` ${k}="${escape(k === 'd' ? data(v) : v)}"`).join('');
  const inner = (text ? escape(text) : '') + (children || []).map(write).join('');
  return inner ? `<${open}>${inner}</${tag}>` : `<${open}/>`;
}

// toSVG writes the tree. Font and size that most texts have are said once, at the top.
export function toSVG(tree, { fontFamily, fontSize }) {
  const svg = slim(tree);
  const common = { 'font-family': fontFamily, 'font-size': String(fontSize) };
  const strip = (node) => {
    for (const [key, value] of Object.entries(common)) if (node.attrs[key] === value) delete node.attrs[key];
    (node.children || []).forEach(strip);
  };
  strip(svg);
  Object.assign(svg.attrs, common);
  svg.children.unshift({ tag: 'style', attrs: {}, text: 'text{dominant-baseline:central}' });
  return write(svg);
}
