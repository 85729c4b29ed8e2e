// The shapes of a heatmap.

import { escape, label, number } from './common.js';

export const shapes = { 't2g.cell': cell, 't2g.scale': scale };

export const formats = {
  't2g.cell': ({ columns, name, unit }, { xAxis, yAxis }) => ({ dataIndex: i, value }) =>
    `${escape(yAxis.data[Math.floor(i / columns)])}, ${escape(xAxis.data[i % columns])}<br>` +
    `${escape(name)} <b>${number(value)}</b>${unit ? ` ${escape(unit)}` : ''}`,
};

// The colours go from pale over the palette's blue to dark.
const stops = [[0, [236, 244, 250]], [0.6, [0, 114, 178]], [1, [0, 36, 59]]];

// rgb is the colour of a level, 0 to levels - 1.
function rgb(level, levels) {
  const at = levels > 1 ? level / (levels - 1) : 0;
  const k = at <= stops[1][0] ? 0 : 1;
  const [[from, a], [to, b]] = [stops[k], stops[k + 1]];
  return a.map((c, i) => Math.round(c + ((at - from) / (to - from)) * (b[i] - c)));
}

const css = (c) => `rgb(${c.join(',')})`;

// light is a colour's relative luminance, by WCAG.
const light = (c) => c.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);

// ink is black or white, whichever stands out more: always by 4.5 : 1 or more.
const ink = (c) => light(c) > 0.179 ? '#000000' : '#ffffff';

const level = (v, { low, high, levels }) =>
  high > low ? Math.min(levels - 1, Math.floor(((v - low) / (high - low)) * levels)) : Math.floor(levels / 3);

// cell is one cell. Data: the numbers, row by row; ECharts puts the number of each before it. In
// a picture the first item draws all cells, those of one colour together, which is shorter.
function cell(params, api) {
  const { itemPayload: p, dataIndexInside: i, dataInsideLength: n, context } = params;
  const [width, height] = api.size([1, 1]).map(Math.abs);
  const gap = Math.min(width, height) > 8 ? 1 : 0;
  if (!context.texts) {
    const texts = [];
    for (let k = 0; k < n; k++) {
      const v = api.value(1, k);
      texts.push(number(Number.isInteger(v) ? v : +v.toPrecision(3)));
    }
    context.texts = texts;
    context.shown = n <= 64 && height >= 15 && Math.max(...texts.map((t) => t.length)) * 7 + 6 <= width;
  }
  const at = (k) => api.coord([k % p.columns, Math.floor(k / p.columns)]);
  const text = (k) => {
    const [x, y] = at(k);
    const fill = ink(rgb(level(api.value(1, k), p), p.levels));
    return { type: 'text', x, y, style: label(context.texts[k], { align: 'center', fill, stroke: undefined, lineWidth: 0 }) };
  };
  if (p.still) {
    if (i > 0) return null;
    const levels = context.texts.map((_, k) => level(api.value(1, k), p));
    const all = levels.map((_, k) => k).sort((a, b) => levels[a] - levels[b] || a - b);
    const cells = all.map((k) => {
      const [x, y] = at(k);
      const style = { stroke: css(rgb(levels[k], p.levels)), lineWidth: height - gap };
      return { type: 'line', shape: { x1: x - (width - gap) / 2, y1: y, x2: x + (width - gap) / 2, y2: y }, style };
    });
    // The ink changes once on the way from pale to dark.
    return { type: 'group', children: context.shown ? [...cells, ...all.map(text)] : cells };
  }
  const [x, y] = at(i);
  const rect = {
    type: 'rect',
    shape: { x: x - (width - gap) / 2, y: y - (height - gap) / 2, width: width - gap, height: height - gap },
    style: { fill: css(rgb(level(api.value(1), p), p.levels)) },
    emphasis: { style: { stroke: '#D55E00', lineWidth: 2 } },
  };
  return { type: 'group', children: context.shown ? [rect, { ...text(i), silent: true }] : [rect] };
}

// scale shows above the plot which colour is which number. Data: one item.
function scale(params, api) {
  const { from, to, width, levels, low, high } = params.itemPayload;
  const y = params.coordSys.y - 15;
  const children = [{ type: 'text', x: 14, y, style: label(from) }];
  let x = 14 + width + 6;
  for (let l = 0; high > low && l < levels; l++, x += 6) {
    children.push({ type: 'rect', shape: { x, y: y - 6, width: 6, height: 12 }, style: { fill: css(rgb(l, levels)) } });
  }
  if (high > low) children.push({ type: 'text', x: x + 6, y, style: label(to) });
  return { type: 'group', children };
}
