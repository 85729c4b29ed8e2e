// The shapes of the figures, as ECharts' custom series. A page and the program that draws the
// pictures use this same file, so that both show the same.
//
// An option holds no function, as it travels as JSON: it names a shape (renderItem) or a
// format (formatter) from here.

const INK = '#222222';
const HALO = { stroke: '#ffffff', lineWidth: 3 };
const ROW = 16; // height of a row of labels, in pixels

export const shapes = {
  't2g.bin': bin,
  't2g.mark': mark,
  't2g.head': head,
  't2g.box': box,
  't2g.bar': bar,
  't2g.run': run,
};

export const formats = {
  't2g.duration': () => duration,
  't2g.box': (payload) => (item) => summary(payload.names[item.value[0]],
    ['lowest', 'lower quartile', 'median', 'upper quartile', 'highest'], item.value.slice(1)),
  't2g.bar': (payload) => (item) => summary(payload.names[item.value[0]],
    ['lowest', 'median', 'highest'], item.value.slice(1)),
  't2g.run': (payload) => (item) => summary(payload.names[item.value[0]],
    [`run ${item.value[1]}`], [item.value[2]]),
};

// resolve replaces the names of formats in an option by the functions.
export function resolve(option) {
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

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => text.replace(/[&<>"']/g, (c) => escapes[c]);

function summary(name, labels, seconds) {
  const lines = labels.map((label, i) => `${label} <b>${duration(seconds[i])}</b>`);
  return `${escape(name)}<br>${lines.join('<br>')}`;
}

// bin is a bar of a histogram. Data: [from, to, count].
function bin(params, api) {
  const [x0, y0] = api.coord([api.value(0), 0]);
  const [x1, y1] = api.coord([api.value(1), api.value(2)]);
  return {
    type: 'rect',
    shape: { x: x0, y: y1, width: x1 - x0, height: y0 - y1 },
    style: { fill: api.visual('color'), stroke: '#ffffff', lineWidth: x1 - x0 > 4 ? 0.5 : 0 },
  };
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
      {
        type: 'line',
        shape: { x1: x, y1: shown ? y - ROW + 3 : top, x2: x, y2: top + height },
        style: { stroke: api.visual('color'), lineWidth: 1.5, lineDash: [5, 3] },
      },
      shown && {
        type: 'text',
        x: start,
        y: y - ROW / 2 + 1,
        style: { text: labels[params.dataIndexInside], verticalAlign: 'middle', fill: INK, ...HALO },
      },
    ].filter(Boolean),
  };
}

// placeFlags finds a place for the label of each mark: beside its line like a flag, in rows
// that count upwards, so that no label covers another and, where that can be, no line goes
// through a label. The Go file flags.go counts the rows in the same way.
export function placeFlags(xs, widths, left, right) {
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

// A row of timings has a line of text, and under it a band for the box or bar and the runs.
// band gives the middle of row's band.
function band(api, row) {
  const [, top] = api.coord([0, row]);
  const [, bottom] = api.coord([0, row + 1]);
  return top + 20 + (bottom - top - 20) / 2;
}

const HALF = 9; // half the height of a band

// head is a row's text: the name at the left, a note at the right. Data: [row].
function head(params, api) {
  const row = api.value(0);
  const { names, notes, noteWidth } = params.itemPayload;
  const { x, width } = params.coordSys;
  const y = api.coord([0, row])[1] + 11;
  return {
    type: 'group',
    children: [
      {
        type: 'text',
        x,
        y,
        style: {
          text: names[row], fill: INK, fontSize: 13, fontWeight: 'bold', verticalAlign: 'middle',
          width: width - noteWidth - 8, overflow: 'truncate', ellipsis: '…',
        },
      },
      {
        type: 'text',
        x: x + width,
        y,
        style: { text: notes[row], fill: INK, fontSize: 13, align: 'right', verticalAlign: 'middle' },
      },
    ],
  };
}

const line = (x1, y1, x2, y2, style) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });

// box spans the middle half of a row's runs, with a line at the median and whiskers.
// Data: [row, low, lower quartile, median, upper quartile, high].
function box(params, api) {
  const y = band(api, api.value(0));
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
  const y = band(api, api.value(0));
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
  const shift = ((api.value(1) * 0.618034) % 1) * 2 - 1;
  return {
    type: 'circle',
    shape: { cx: x, cy: band(api, api.value(0)) + shift * (HALF - 3), r: 2.2 },
    style: { fill: api.visual('color') },
  };
}
