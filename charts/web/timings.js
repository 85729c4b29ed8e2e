// The shapes of timings.

import { duration, escape, label, line } from './common.js';

export const shapes = { 't2g.head': head, 't2g.box': box, 't2g.bar': bar, 't2g.run': run };

const names = (option) => option.series[0].itemPayload.names;

export const formats = {
  't2g.duration': () => duration,
  't2g.box': (_, option) => (item) => summary(names(option)[item.value[0]],
    ['lowest', 'lower quartile', 'median', 'upper quartile', 'highest'], item.value.slice(1)),
  't2g.bar': (_, option) => (item) => summary(names(option)[item.value[0]],
    ['lowest', 'median', 'highest'], item.value.slice(1)),
  't2g.run': ({ thinned }, option) => (item) => summary(names(option)[item.value[0]],
    [thinned ? 'a run' : `run ${item.value[1]}`], [item.value[2]]),
};

// prepare makes the data of an option's shapes, as they are said below: in the option, times are
// in units of the head's payload, and those of the runs stand alone, row by row.
export function prepare(option) {
  const { renderItem, itemPayload: { unit } } = option.series[0];
  if (renderItem !== 't2g.head' || !unit) return; // the head of something else
  for (const series of option.series) {
    if (series.renderItem === 't2g.run') {
      series.data = series.data.flatMap((times, row) => times.map((time, i) => [row, i + 1, time * unit]));
    } else if (series.renderItem !== 't2g.head') {
      series.data = series.data.map(([row, ...times]) => [row, ...times.map((time) => time * unit)]);
    }
  }
}

function summary(name, labels, seconds) {
  const lines = labels.map((label, i) => `${label} <b>${duration(seconds[i])}</b>`);
  return `${escape(name)}<br>${lines.join('<br>')}`;
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
      { type: 'text', x: x + width, y, z2: 1, style: label(notes[row], { fontSize: 13, align: 'right' }) },
    ],
  };
}

// box spans the middle half of a row's runs, with a line at the median and whiskers.
// Data: [row, low, lower quartile, median, upper quartile, high].
//
// All whiskers are below all boxes, and those below all medians: in a picture, those of one kind
// are one path.
function box(params, api) {
  const y = below(api, api.value(0), BOX);
  const [low, q1, median, q3, high] = [1, 2, 3, 4, 5].map((d) => api.coord([api.value(d), 0])[0]);
  const thin = { stroke: api.visual('color'), lineWidth: 1.5 };
  return {
    type: 'group',
    children: [
      line(low, y - HALF / 2, low, y + HALF / 2, thin),
      line(low, y, q1, y, thin),
      line(q3, y, high, y, thin),
      line(high, y - HALF / 2, high, y + HALF / 2, thin),
      {
        type: 'rect',
        shape: { x: q1, y: y - HALF, width: q3 - q1, height: 2 * HALF },
        style: { ...thin, fill: params.itemPayload.tint },
        z2: 1,
      },
      { ...line(median, y - HALF, median, y + HALF, { ...thin, lineWidth: 3 }), z2: 2 },
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
      { ...line(median, y - HALF, median, y + HALF, { ...thin, lineWidth: 3 }), z2: 1 },
      high > low && { ...line(low, y, high, y, thin), z2: 2 },
    ].filter(Boolean),
  };
}

// run is one run: a dot, moved up or down so that equal times stay apart.
// Data: [row, number of the dot in it, time].
function run(params, api) {
  const [x] = api.coord([api.value(2), 0]);
  const { x: left, width } = params.coordSys;
  if (x < left - 0.5 || x > left + width + 0.5) return null; // zoomed out of sight
  const shift = ((api.value(1) * 0.618034) % 1) * 2 - 1;
  return {
    type: 'circle',
    shape: { cx: x, cy: Math.round(below(api, api.value(0), RUNS) + shift * 4), r: 2 },
    style: { fill: api.visual('color') },
  };
}
