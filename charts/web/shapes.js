// The shapes of the figures, as ECharts' custom series. A page and the program that draws the
// pictures use this same file, so that both show the same.
//
// An option holds no function, as it travels as JSON: it names a shape (renderItem) or a
// format (formatter) from here.

import { FONT, INK } from './theme.js';

// label is the style of text in a plot. Its white outline keeps it clear of lines.
const label = (text, more) => ({
  text, fontSize: 12, fontFamily: FONT, fill: INK, stroke: '#ffffff', lineWidth: 3, verticalAlign: 'middle', ...more,
});
const ROW = 16; // height of a row of labels, in pixels

export const shapes = {
  't2g.bin': bin,
  't2g.mark': mark,
  't2g.head': head,
  't2g.box': box,
  't2g.bar': bar,
  't2g.run': run,
};

const formats = {
  't2g.duration': () => duration,
  't2g.bin': (payload) => ({ dataIndex: i, value }) =>
    `${rounded(edge(payload, i), payload)} to ${rounded(edge(payload, i + 1), payload)}${escape(payload.unit)}<br>` +
    `<b>${value.toLocaleString('en')}</b> ${escape(payload.of)}`,
  't2g.box': (payload) => (item) => summary(payload.names[item.value[0]],
    ['lowest', 'lower quartile', 'median', 'upper quartile', 'highest'], item.value.slice(1)),
  't2g.bar': (payload) => (item) => summary(payload.names[item.value[0]],
    ['lowest', 'median', 'highest'], item.value.slice(1)),
  't2g.run': (payload) => (item) => summary(payload.names[item.value[0]],
    [`run ${item.value[1]}`], [item.value[2]]),
};

// resolve replaces the names of formats in an option by the functions. A shape that is not
// here is an error, as ECharts would leave it out without a word.
export function resolve(option) {
  for (const { renderItem } of option.series) {
    if (!shapes[renderItem]) throw new Error(`the chart library has no shape ${renderItem}; it is older than the figure`);
  }
  const visit = (node, payload) => {
    if (node === null || typeof node !== 'object') return;
    payload = node.itemPayload || payload;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'formatter' && formats[value]) node[key] = formats[value](payload);
      else if (key !== 'data') visit(value, payload);
    }
  };
  visit(option);
  return option;
}

// duration writes seconds with a unit and at most four digits.
function duration(seconds) {
  const units = [['s', 1], ['ms', 1e-3], ['µs', 1e-6], ['ns', 1e-9]];
  const size = Math.abs(seconds);
  const [unit, scale] = units.find(([, least]) => size >= least * 0.99995) || (size ? units[3] : units[0]);
  return `${+(seconds / scale).toPrecision(4)} ${unit}`;
}

// rounded writes a number to a hundred thousandth of the bins' span.
function rounded(value, { low, high }) {
  const places = Math.max(0, Math.min(100, 4 - Math.floor(Math.log10(high - low))));
  return +value.toFixed(places);
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => text.replace(/[&<>"']/g, (c) => escapes[c]);

function summary(name, labels, seconds) {
  const lines = labels.map((label, i) => `${label} <b>${duration(seconds[i])}</b>`);
  return `${escape(name)}<br>${lines.join('<br>')}`;
}

const line = (x1, y1, x2, y2, style) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });

// edge is the i-th limit of a histogram's bins, as the Go file histogram.go computes it.
const edge = ({ low, high, bins }, i) => i === bins ? high : low + i * ((high - low) / bins);

// bin is a bar of a histogram. Data: the counts; the payload says where the bins are.
//
// All bars are one shape, which the first item draws: it has no seams, and is short as a path.
// What each item has for itself is a window to point at.
function bin(params, api) {
  const { itemPayload: bins, dataIndexInside: i } = params;
  const wide = api.size([(bins.high - bins.low) / bins.bins, 0])[0] > 8;
  if (bins.still && i > 0 && !wide) return null; // nobody points at a picture
  const corner = (k, count) => api.coord([edge(bins, k), count]);
  const [x0, y] = corner(i, api.value(0));
  const [x1, floor] = corner(i + 1, 0);
  const children = [{
    type: 'rect',
    shape: { x: x0, y, width: x1 - x0, height: floor - y },
    style: { fill: 'rgba(255,255,255,0)', stroke: wide ? '#ffffff' : 'none' },
    emphasis: { style: { fill: 'rgba(255,255,255,0.3)' } },
  }];
  if (i === 0) {
    const points = [[x0, floor]];
    for (let k = 0; k < bins.bins; k++) points.push(corner(k, api.value(0, k)), corner(k + 1, api.value(0, k)));
    points.push([points[points.length - 1][0], floor]);
    children.unshift({ type: 'polygon', shape: { points }, style: { fill: api.visual('color') }, silent: true });
  }
  return { type: 'group', children };
}

// mark is a dashed vertical line at an exact place, with a label above the plot. Data: [at].
// The payload has the labels, their widths in pixels and the number of rows for them.
function mark(params, api) {
  const { labels, widths, narrow } = params.itemPayload;
  const rows = api.getWidth() <= narrow ? params.itemPayload.narrowRows : params.itemPayload.rows;
  const { x: left, y: top, width, height } = params.coordSys;
  if (!params.context.flags) {
    const xs = labels.map((_, i) => api.coord([api.value(0, i), 0])[0]);
    params.context.flags = placeFlags(xs, widths, left, left + width);
  }
  const { x, row, start } = params.context.flags[params.dataIndexInside];
  if (x < left - 0.5 || x > left + width + 0.5) return null; // zoomed out of sight
  const shown = row < rows;
  const y = top - 2 - ROW * (shown ? row : 0);
  return {
    type: 'group',
    children: [
      // White under the dashes, or they would drown in the bars.
      line(x, top, x, top + height, { stroke: '#ffffff', lineWidth: 3 }),
      line(x, shown ? y - ROW + 3 : top, x, top + height,
        { stroke: api.visual('color'), lineWidth: 1.5, lineDash: [5, 3] }),
      shown && {
        type: 'text',
        x: start,
        y: y - ROW / 2 + 1,
        z2: 1, // above all lines
        style: label(labels[params.dataIndexInside]),
      },
    ].filter(Boolean),
  };
}

// placeFlags finds a place for the label of each mark: beside its line like a flag, in rows
// that count upwards, so that no label covers another and, where that can be, no line goes
// through a label. The Go file flags.go counts the rows in the same way.
function placeFlags(xs, widths, left, right) {
  const gap = 4;
  const n = xs.length;
  const order = xs.map((_, i) => i).sort((a, b) => xs[a] - xs[b] || a - b);
  const fits = (i, side) => side > 0 ? xs[i] + gap + widths[i] <= right : xs[i] - gap - widths[i] >= left;
  // Flags from the first to the cut point to the right, the rest to the left.
  let cut = n;
  if (!order.every((i) => fits(i, 1))) {
    cut = 0;
    if (!order.every((i) => fits(i, -1))) {
      for (let k = 1, widest = -1; k < n; k++) {
        const space = xs[order[k]] - xs[order[k - 1]];
        if (space > widest) [widest, cut] = [space, k];
      }
    }
  }
  const flags = new Array(n);
  const placed = [];
  const place = (i, side) => {
    const wish = side > 0 ? xs[i] + gap : xs[i] - gap - widths[i];
    const start = Math.max(left, Math.min(wish, right - widths[i]));
    const end = start + widths[i];
    const clash = (row) => placed.some((j) =>
      (flags[j].row === row && start < flags[j].end + 2 * gap && flags[j].start < end + 2 * gap) ||
      (flags[j].row >= row && flags[j].x > start - gap && flags[j].x < end + gap));
    let row = 0;
    while (clash(row)) row++;
    flags[i] = { x: xs[i], row, start, end };
    placed.push(i);
  };
  for (let k = cut - 1; k >= 0; k--) place(order[k], 1);
  for (let k = cut; k < n; k++) place(order[k], -1);
  return flags;
}

// A row of timings is a line of text, under it the box or bar, under that the runs.
const TEXT = 11; // their middles, in pixels below the row's upper end
const BOX = 27;
const RUNS = 40;
const HALF = 6; // half the height of a box

const below = (api, row, y) => api.coord([0, row])[1] + y;

// head is a row's text: the name at the left, a note at the right. Data: [row].
function head(params, api) {
  const row = api.value(0);
  const { names, notes, noteWidth } = params.itemPayload;
  const { x, width } = params.coordSys;
  const y = below(api, row, TEXT);
  const name = { fontSize: 13, fontWeight: 'bold', width: width - noteWidth - 8, overflow: 'truncate', ellipsis: '…' };
  return {
    type: 'group',
    children: [
      { type: 'text', x, y, style: label(names[row], name) },
      { type: 'text', x: x + width, y, style: label(notes[row], { fontSize: 13, align: 'right' }) },
    ],
  };
}

// box spans the middle half of a row's runs, with a line at the median and whiskers.
// Data: [row, low, lower quartile, median, upper quartile, high].
function box(params, api) {
  const y = below(api, api.value(0), BOX);
  const [low, q1, median, q3, high] = [1, 2, 3, 4, 5].map((d) => api.coord([api.value(d), 0])[0]);
  const thin = { stroke: api.visual('color'), lineWidth: 1.5 };
  return {
    type: 'group',
    children: [
      line(low, y, q1, y, thin),
      line(q3, y, high, y, thin),
      line(low, y - HALF / 2, low, y + HALF / 2, thin),
      line(high, y - HALF / 2, high, y + HALF / 2, thin),
      {
        type: 'rect',
        shape: { x: q1, y: y - HALF, width: q3 - q1, height: 2 * HALF },
        style: { ...thin, fill: params.itemPayload.tint },
      },
      line(median, y - HALF, median, y + HALF, { ...thin, lineWidth: 3 }),
    ],
  };
}

// bar reaches from zero to the median of a row's runs, with a line from the lowest to the
// highest. On a logarithmic axis, which has no zero, only a tick stands at the median.
// Data: [row, lowest, median, highest].
function bar(params, api) {
  const y = below(api, api.value(0), BOX);
  const [low, median, high] = [1, 2, 3].map((d) => api.coord([api.value(d), 0])[0]);
  const thin = { stroke: api.visual('color'), lineWidth: 1.5 };
  const { tint, log } = params.itemPayload;
  const zero = params.coordSys.x;
  return {
    type: 'group',
    children: [
      !log && {
        type: 'rect',
        shape: { x: zero, y: y - HALF, width: median - zero, height: 2 * HALF },
        style: { fill: tint },
      },
      line(median, y - HALF, median, y + HALF, { ...thin, lineWidth: 3 }),
      high > low && line(low, y, high, y, thin),
    ].filter(Boolean),
  };
}

// run is one run: a dot, moved up or down so that equal times stay apart.
// Data: [row, number of the run, time].
function run(params, api) {
  const [x] = api.coord([api.value(2), 0]);
  const { x: left, width } = params.coordSys;
  if (x < left - 0.5 || x > left + width + 0.5) return null; // zoomed out of sight
  const shift = ((api.value(1) * 0.618034) % 1) * 2 - 1;
  return {
    type: 'circle',
    shape: { cx: x, cy: below(api, api.value(0), RUNS) + shift * 4, r: 2 },
    style: { fill: api.visual('color') },
  };
}
