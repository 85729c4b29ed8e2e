// The shapes of a timeline. The vertical axis counts lanes; a row has one or more.

import { escape, label, line, number } from './common.js';
import { FONT, INK } from './theme.js';

export const shapes = { 't2g.rows': rows, 't2g.span': span, 't2g.load': load, 't2g.instant': instant };

// Where the bars of a kind are in a lane, from its upper end, and how high, as parts of the
// lane's height. By this the kinds differ without colours, too. Kind -1 is hatched.
const bands = {
  '-1': [0, 1], 0: [0, 1], 1: [0.4, 0.6], 2: [0, 0.6], 3: [0.2, 0.6], 4: [0.65, 0.35], 5: [0, 0.35], 6: [0.35, 0.3],
};
const HATCH = [1.5, 2.5];

// The icons of a legend, 24 × 12 pixels.
const icon = (d) => `path://M0 0h.01v.01zM24 12h-.01v-.01z${d}`;
export const icons = { instant: icon('M12 0L18 6L12 12L6 6z') };
for (const [band, [top, height]] of Object.entries(bands)) {
  icons[`band${band}`] = icon(`M0 ${12 * top}h24v${12 * height}h-24z`);
}
icons['band-1'] = icon([0, 5, 10, 15, 20].map((x) => `M${x} 0h2.5v12h-2.5z`).join(''));

const head = (option) => option.series[0];
const who = (option, lane) => {
  const k = head(option).data.findIndex(([first, lanes]) => lane >= first && lane < first + lanes);
  return escape(head(option).itemPayload.names[k]);
};
const time = (option, value) => `<b>${number(+value.toPrecision(6))}</b> ${head(option).itemPayload.unit}`;

export const formats = {
  't2g.span': (p, option) => ({ dataIndex, value: [lane, begin, end, flags] }) => {
    const lines = [
      `${who(option, lane)} · ${escape(p.kind)}`,
      flags & 1 ? `from ${time(option, begin)}, not ended at ${time(option, end)}`
        : `from ${time(option, begin)} to ${time(option, end)}<br>took ${time(option, end - begin)}`,
    ];
    const detail = p.details?.[dataIndex];
    if (detail) lines.push(escape(detail));
    else if (flags & 2) lines.push('failed');
    return lines.join('<br>');
  },
  't2g.load': (p, option) => ({ dataIndex: i, value: [lane, first] }) => {
    const { low, step } = head(option).itemPayload.loads;
    const n = p.tops[i].length;
    const [begin, end] = [first, first + n].map((k) => low + k * step);
    const busy = p.tops[i].reduce((sum, top, k) => sum + top - p.floors[i][k], 0) / (n * UNITS);
    return `${who(option, lane)} · ${escape(p.kind)}<br>about <b>${Math.round(100 * busy)} %</b> of the time<br>` +
      `from ${time(option, begin)} to ${time(option, end)}`;
  },
  't2g.instant': (p, option) => ({ value: [lane, at, n] }) =>
    `${who(option, lane)} · ${escape(p.kind)}<br>${n > 1 ? `<b>${number(n)}</b> times from ` : 'at '}${time(option, at)}`,
};

// inside gives the upper end and the height of what is drawn in a lane.
function inside(api, lane) {
  const height = api.size([0, 1])[1];
  const pad = height < 16 ? 1 : Math.round(height / 8);
  return [api.coord([0, lane])[1] + pad, height - 2 * pad];
}

// rows writes the rows' names beside the plot, and draws lines between the rows.
// Data: [first lane, number of lanes].
function rows(params, api) {
  const { x, width } = params.coordSys;
  const end = (k) => api.coord([0, api.value(0, k) + api.value(1, k)])[1];
  const children = [];
  if (params.dataIndexInside === 0) {
    if (params.itemPayload.still && params.itemPayload.loads) children.push(pixels(params, api));
    for (let k = 0; k < params.dataInsideLength - 1; k++) {
      children.push(line(x, end(k), x + width, end(k), { stroke: '#e4e4e4', lineWidth: 1 }));
    }
  }
  children.push({
    type: 'text',
    x: x - 10,
    y: (api.coord([0, api.value(0)])[1] + end(params.dataIndexInside)) / 2,
    style: {
      text: params.itemPayload.names[params.dataIndexInside],
      fontSize: 12, fontFamily: FONT, fill: INK, align: 'right', verticalAlign: 'middle',
      width: x - 22, overflow: 'truncate', ellipsis: '…',
    },
  });
  return { type: 'group', children };
}

// span is a bar from an event's begin to its end. What had not ended ends in a point; an error
// is a cross at the end. Data: [lane, begin, end, flags], flags being 1 for open, 2 for an error.
function span(params, api) {
  const { itemPayload: p, coordSys: plot } = params;
  const [left, right] = [plot.x, plot.x + plot.width];
  const [from, to] = [1, 2].map((d) => api.coord([api.value(d), 0])[0]);
  if (to < left || from > right) return null; // zoomed away
  const flags = api.value(3) || 0;
  const [top, height] = inside(api, api.value(0));
  const [offset, part] = bands[p.band];
  const [y, h] = [top + offset * height, part * height];
  const fill = api.visual('color');
  // Neighbours have a gap of less than half a pixel; the shortest event has a pixel.
  const wide = to - from > 3;
  const x0 = Math.max(left, from);
  const x1 = Math.max(Math.min(right, wide ? to - 0.4 : to), x0 + 1);
  const point = flags & 1 && to <= right + 0.5 ? Math.min(6, x1 - x0 - 1) : 0;
  const end = x1 - point;
  const children = [];
  if (params.itemPayload.still || p.band < 0) {
    const middle = y + h / 2;
    children.push(line(x0, middle, end, middle, { stroke: fill, lineWidth: h, lineDash: p.band < 0 ? HATCH : null }));
  }
  if (!params.itemPayload.still) {
    children.push({
      type: 'rect',
      shape: { x: x0, y, width: end - x0, height: h },
      style: { fill: p.band < 0 ? 'rgba(255,255,255,0)' : fill },
    });
  }
  if (point > 0) {
    children.push({
      type: 'polygon', shape: { points: [[end, top], [end + point, top + height / 2], [end, top + height]] }, style: { fill },
    });
  }
  if (flags & 2 && to <= right + 0.5) {
    const [cx, cy, r] = [to, top + height / 2, Math.min(4, height / 2)];
    for (const [stroke, lineWidth] of [['#ffffff', 5], ['#222222', 2]]) {
      children.push(
        { ...line(cx - r, cy - r, cx + r, cy + r, { stroke, lineWidth }), z2: 2 },
        { ...line(cx - r, cy + r, cx + r, cy - r, { stroke, lineWidth }), z2: 2 },
      );
    }
  }
  return { type: 'group', children };
}

const UNITS = 10; // that a lane's height is counted in; the Go file loads.go has the same

// prepare reads the loads of an option: for each lane the steps as letters, and for each letter
// the heights of the kinds, a digit each (of base 36). Of each kind it makes stretches, on top of
// the kinds before.
export function prepare(option) {
  const loads = head(option).itemPayload?.loads;
  if (!loads) return;
  const kinds = option.series.filter((s) => s.renderItem === 't2g.load');
  const cells = [...loads.letters].map((_, i) => {
    const tops = [0]; // and floors: the k-th kind is between the k-th and the next
    for (let k = 0; k < kinds.length; k++) tops.push(tops[k] + parseInt(loads.heights[i * kinds.length + k], 36));
    return tops;
  });
  loads.lanes = loads.lanes.map((steps) => [...steps].map((letter) => cells[loads.letters.indexOf(letter)]));
  loads.colors = kinds.map((s) => s.itemStyle.color);
  kinds.forEach((series, order) => {
    const p = Object.assign(series.itemPayload, { order, low: loads.low, step: loads.step, tops: [], floors: [] });
    series.data = [];
    loads.lanes.forEach((steps, lane) => steps.forEach(({ [order]: floor, [order + 1]: top }, k) => {
      if (top === floor) return;
      const before = k > 0 && steps[k - 1][order + 1] > steps[k - 1][order];
      if (!before) {
        series.data.push([lane, k]);
        p.tops.push([]);
        p.floors.push([]);
      }
      p.tops[p.tops.length - 1].push(top);
      p.floors[p.floors.length - 1].push(floor);
    }));
  });
}

const levels = (top, height) => (units) => Math.round(top + height * (1 - units / UNITS)); // without seams

// pixels are the loads in a picture, as an image of one pixel for the width of a step: as shapes
// they would take many times the bytes. Steps begin and end at whole pixels of the picture. In the
// image time runs downwards, which takes a quarter less again, so it is turned.
function pixels(params, api) {
  const { x, y: upper, height } = params.coordSys;
  const { lanes, low, step, colors } = params.itemPayload.loads;
  const n = lanes[0].length;
  const columns = Array.from({ length: n }, () => new Array(height).fill(0));
  lanes.forEach((steps, lane) => {
    const y = levels(...inside(api, lane));
    steps.forEach((tops, k) => {
      for (let kind = 0; kind < colors.length; kind++) {
        for (let at = y(tops[kind + 1]); at < y(tops[kind]); at++) columns[k][at - upper] = kind + 1;
      }
    });
  });
  const image = t2gPNG(height, colors.join(' '), columns.map((column) => column.join('')).join(''));
  const width = Math.round(api.coord([low + n * step, 0])[0] - x);
  return { type: 'image', x, y: upper, rotation: -Math.PI / 2, scaleY: -1, style: { image, width: height, height: width } };
}

// load is a stretch in which events are drawn together: as high in each step as their share of
// the time, on top of the kinds before, which can be hidden. Data: [lane, first step].
function load(params, api) {
  const { itemPayload: p, coordSys: plot, dataIndexInside: i } = params;
  if (p.still) return null; // it is among the pixels
  const [tops, floors] = [p.tops[i], p.floors[i]];
  const n = tops.length;
  const y = levels(...inside(api, api.value(0)));
  const first = api.value(1);
  const clamp = (x) => Math.max(plot.x, Math.min(plot.x + plot.width, x));
  const x = (k) => clamp(api.coord([p.low + (first + k) * p.step, 0])[0]);
  if (x(0) === x(n)) return null; // zoomed away
  const points = [];
  for (let k = 0; k < n; k++) points.push([x(k), y(tops[k])], [x(k + 1), y(tops[k])]);
  for (let k = n - 1; k >= 0; k--) points.push([x(k + 1), y(floors[k])], [x(k), y(floors[k])]);
  return { type: 'polygon', shape: { points }, style: { fill: api.visual('color') }, z2: -1 - p.order };
}

// hasRoom tells whether an instant's kind can be written beside it: up to the next one of its
// lane, whose own may stand there, too.
function hasRoom(params, api, toTheLeft, r) {
  const { itemPayload: p, coordSys: plot, dataInsideLength: n } = params;
  const x = (k) => api.coord([api.value(1, k), 0])[0];
  const own = params.dataIndexInside;
  const width = 7 * p.kind.length + r + 4; // rather too much
  for (let k = 0; k < n; k++) {
    if (k === own || api.value(0, k) !== api.value(0, own)) continue;
    const away = (x(k) - x(own)) * (toTheLeft ? -1 : 1);
    const faces = (x(k) > plot.x + plot.width / 2) !== toTheLeft;
    if (away >= 0 && away < (faces ? 2 : 1) * width + r) return false;
  }
  return true;
}

// instant is a diamond, with its kind beside it if there are few and room for it. Data: [lane, at, how many].
function instant(params, api) {
  const { itemPayload: p, coordSys: plot } = params;
  const [x, y0] = api.coord([api.value(1), api.value(0)]);
  if (x < plot.x - 0.5 || x > plot.x + plot.width + 0.5) return null; // zoomed away
  const [top, height] = inside(api, api.value(0));
  const [y, r] = [top + height / 2, Math.min(6, height / 2)];
  const children = [{
    type: 'polygon',
    shape: { points: [[x, y - r], [x + r, y], [x, y + r], [x - r, y]] },
    style: { fill: api.visual('color'), stroke: '#ffffff', lineWidth: 1 },
  }];
  const toTheLeft = x > plot.x + plot.width / 2;
  if (p.label && hasRoom(params, api, toTheLeft, r)) {
    children.push({
      type: 'text', x: x + (toTheLeft ? -r - 4 : r + 4), y, silent: true, z2: 1,
      style: label(p.kind, { align: toTheLeft ? 'right' : 'left' }),
    });
  }
  return { type: 'group', children };
}
