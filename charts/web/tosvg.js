// Writes zrender's tree of SVG nodes as a small document: coordinates to a tenth of a pixel,
// none of the marks that only a live chart needs, neighbours of one style as one path.

const round = (n) => Math.round(n * 10) / 10;
const list = (...ns) => ns.map(round).join(' ').replace(/ -/g, '-');

// path rewrites path data with absolute, rounded coordinates. It knows what zrender writes:
// M L H V C Q A Z and their relative forms.
function path(d) {
  let out = '';
  let [x, y, x0, y0] = [0, 0, 0, 0];
  let [rx, ry] = [NaN, NaN]; // the point as written
  const to = (nx, ny) => { [x, y, rx, ry] = [nx, ny, round(nx), round(ny)]; };
  for (const [, name, rest] of d.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const ns = (rest.match(/-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g) || []).map(Number);
    const [dx, dy] = name === name.toLowerCase() ? [x, y] : [0, 0];
    switch (name.toUpperCase()) {
      case 'M':
        to(ns[0] + dx, ns[1] + dy);
        [x0, y0] = [x, y];
        out += `M${list(x, y)}`;
        break;
      case 'L':
      case 'H':
      case 'V': {
        const nx = name === 'v' || name === 'V' ? x : ns[0] + dx;
        const ny = name === 'h' || name === 'H' ? y : ns[ns.length - 1] + dy;
        if (round(ny) === ry) out += `H${round(nx)}`;
        else if (round(nx) === rx) out += `V${round(ny)}`;
        else out += `L${list(nx, ny)}`;
        to(nx, ny);
        break;
      }
      case 'C':
      case 'Q':
        out += name.toUpperCase() + list(...ns.map((n, i) => n + (i % 2 ? dy : dx)));
        to(ns[ns.length - 2] + dx, ns[ns.length - 1] + dy);
        break;
      case 'A':
        out += `A${list(ns[0], ns[1])} ${ns.slice(2, 5).join(' ')} ${list(ns[5] + dx, ns[6] + dy)}`;
        to(ns[5] + dx, ns[6] + dy);
        break;
      case 'Z':
        out += 'Z';
        to(x0, y0);
        break;
      default:
        throw new Error(`path command ${name}`);
    }
  }
  return out;
}

const drop = /^(class|ecmeta_.*|xml:space|xmlns:xlink|version|baseProfile|pointer-events|cursor|stroke-miterlimit)$/;

// slim gives a node's name, attributes and children as they will be written.
function slim(node) {
  const attrs = {};
  for (const [key, value] of Object.entries(node.attrs)) {
    if (drop.test(key) || value === false || value == null) continue;
    if (key === 'style') {
      for (const [, name, text] of value.matchAll(/(font-(?:size|family|weight|style)):\s*([^;]+)/g)) {
        attrs[name] = name === 'font-size' ? text.replace(/px$/, '') : text;
      }
    } else if (key === 'd') attrs.d = path(value);
    else if (key === 'fill' || key === 'stroke') attrs[key] = hex(value);
    else attrs[key] = typeof value === 'number' ? round(value) : value;
  }
  if (attrs['text-anchor'] === 'start') delete attrs['text-anchor'];
  if (node.tag === 'circle' && !attrs.stroke && !attrs.transform) {
    // As a dot of a round pen, circles of one size and colour can be one path.
    const { cx, cy, r, fill } = attrs;
    return { tag: 'path', attrs: { d: `M${list(cx, cy)}h0`, stroke: fill, 'stroke-width': 2 * r, 'stroke-linecap': 'round' } };
  }
  return { tag: node.tag, attrs, text: node.text, children: merge((node.children || []).map(slim)) };
}

// hex shortens #aabbcc and rgb(170,187,204) to #abc where that is the same colour.
function hex(colour) {
  const rgb = /^rgb\((\d+),(\d+),(\d+)\)$/.exec(colour);
  if (rgb) colour = '#' + rgb.slice(1).map((n) => (+n).toString(16).padStart(2, '0')).join('');
  return colour.replace(/^#(.)\1(.)\2(.)\3$/, '#$1$2$3');
}

// merge makes one path of neighbours that differ in their data only. What is drawn over each
// other stays the same, as none of them is translucent.
function merge(nodes) {
  const out = [];
  for (const node of nodes) {
    const last = out[out.length - 1];
    if (last && node.tag === 'path' && last.tag === 'path' && sameStyle(node.attrs, last.attrs)) {
      last.attrs.d += node.attrs.d;
    } else out.push(node);
  }
  return out;
}

function sameStyle(a, b) {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && !keys.some((k) => /opacity|filter/.test(k)) &&
    keys.every((k) => k === 'd' || a[k] === b[k]);
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (value) => String(value).replace(/[&<>"]/g, (c) => escapes[c]);

function write({ tag, attrs, text, children }) {
  const open = tag + Object.entries(attrs).map(([k, v]) => ` ${k}="${escape(v)}"`).join('');
  const inner = (text ? escape(text) : '') + (children || []).map(write).join('');
  return inner ? `<${open}>${inner}</${tag}>` : `<${open}/>`;
}

export function toSVG(tree) {
  const svg = slim(tree);
  // The font is said once.
  const family = svg.children && findFamily(svg);
  if (family) {
    strip(svg, family);
    svg.attrs['font-family'] = family;
  }
  return write(svg);
}

function findFamily(node) {
  if (node.attrs['font-family']) return node.attrs['font-family'];
  for (const child of node.children || []) {
    const family = findFamily(child);
    if (family) return family;
  }
  return '';
}

function strip(node, family) {
  if (node.attrs['font-family'] === family) delete node.attrs['font-family'];
  for (const child of node.children || []) strip(child, family);
}
