// The shapes of the figures, as ECharts' custom series, one file per figure. A page and the
// program that draws the pictures use these same files, so that both show the same.
//
// An option holds no function, as it travels as JSON: it names a shape (renderItem) or a
// format (formatter) from here.

import * as heatmap from './heatmap.js';
import * as histogram from './histogram.js';
import * as line from './line.js';
import * as marks from './marks.js';
import * as speedup from './speedup.js';
import * as timeline from './timeline.js';
import * as timings from './timings.js';

const figures = [heatmap, histogram, line, marks, speedup, timeline, timings];

export const shapes = Object.assign({}, ...figures.map((f) => f.shapes));
const formats = Object.assign({}, ...figures.map((f) => f.formats));
const icons = Object.assign({}, ...figures.map((f) => f.icons));

// layout is what an option says of what like says something else of.
const layout = (option, like) => Object.fromEntries(Object.entries(like).map(([key, value]) =>
  [key, typeof value === 'object' ? layout(option[key], value) : option[key]]));

// resolve replaces the names of formats and icons in an option by what they stand for. A shape
// that is not here is an error, as ECharts would leave it out without a word.
export function resolve(option) {
  for (const series of option.series) {
    const { renderItem } = series;
    if (!shapes[renderItem]) throw new Error(`the chart library has no shape ${renderItem}; it is older than the figure`);
    series.type = 'custom';
    if (formats[renderItem]) series.tooltip = { formatter: renderItem };
  }
  for (const item of option.legend?.data || []) item.icon = icons[item.icon];
  for (const { prepare } of figures) prepare?.(option);
  if (option.media) option.media.push({ option: layout(option, option.media[0].option) }); // for all other widths
  const visit = (node, payload) => {
    if (node === null || typeof node !== 'object') return;
    payload = node.itemPayload || payload;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'formatter' && formats[value]) node[key] = formats[value](payload, option);
      else if (key !== 'data') visit(value, payload);
    }
  };
  visit(option);
  return option;
}
