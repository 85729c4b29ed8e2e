// Marked places on an axis, with their labels above the plot.

import { label, line } from './common.js';

export const shapes = { 't2g.mark': mark };

const ROW = 16; // height of a row of labels, in pixels

// mark is a dashed vertical line at an exact place, with a label above the plot. Data: [at].
// The payload has the labels, their widths in pixels and the number of rows for them, and
// may have colours.
function mark(params, api) {
  const { labels, widths, narrow, colors } = params.itemPayload;
  const rows = api.getWidth() <= narrow ? params.itemPayload.narrowRows : params.itemPayload.rows;
  const { x: left, y: top, width, height } = params.coordSys;
  if (!params.context.flags) {
    const xs = labels.map((_, i) => api.coord([api.value(0, i), 0])[0]);
    params.context.flags = placeFlags(xs, widths, left, left + width);
  }
  const { x, row, start } = params.context.flags[params.dataIndexInside];
  if (x < left - 0.5 || x > left + width + 0.5) return null; // zoomed out of sight
  const shown = row < rows;
  const color = colors ? colors[params.dataIndexInside] : api.visual('color');
  const dashes = { stroke: color, lineWidth: 1.5, lineDash: [5, 3] };
  const y = top - 2 - ROW * (shown ? row : 0);
  return {
    type: 'group',
    children: [
      // White under the dashes, or they would drown in the bars.
      line(x, top, x, top + height, { stroke: '#ffffff', lineWidth: 3 }),
      { ...line(x, shown ? y - ROW + 3 : top, x, top + height, dashes), z2: 1 },
      shown && {
        type: 'text',
        x: start,
        y: y - ROW / 2 + 1,
        z2: 2, // above all lines
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
