// The shapes of a histogram.

import { escape } from './common.js';

export const shapes = { 't2g.bin': bin };

export const formats = {
  't2g.bin': (payload) => ({ dataIndex: i, value }) =>
    `${rounded(edge(payload, i), payload)} to ${rounded(edge(payload, i + 1), payload)}${escape(payload.unit)}<br>` +
    `<b>${value.toLocaleString('en')}</b> ${escape(payload.of)}`,
};

// rounded writes a number to a hundred thousandth of the bins' span.
function rounded(value, { low, high }) {
  const places = Math.max(0, Math.min(100, 4 - Math.floor(Math.log10(high - low))));
  return +value.toFixed(places);
}

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
  const color = api.visual('color');
  const edges = bins.tint ? color : '#ffffff';
  const children = [{
    type: 'rect',
    shape: { x: x0, y, width: x1 - x0, height: floor - y },
    style: { fill: 'rgba(255,255,255,0)', stroke: wide ? edges : 'none' },
    emphasis: { style: { fill: 'rgba(255,255,255,0.3)' } },
  }];
  if (i === 0) {
    const points = [[x0, floor]];
    for (let k = 0; k < bins.bins; k++) points.push(corner(k, api.value(0, k)), corner(k + 1, api.value(0, k)));
    points.push([points[points.length - 1][0], floor]);
    const style = bins.tint ? { fill: bins.tint, stroke: color } : { fill: color };
    children.unshift({ type: 'polygon', shape: { points }, style, silent: true });
  }
  return { type: 'group', children };
}
