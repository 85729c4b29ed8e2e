// Draws pictures without a page: t2gPictures(json) takes an array of {width, height, option}
// and gives an array of SVG documents. The Go program ../svg runs it in an engine that has no
// DOM, no timers and no console, and gives it t2gPNG(width, colours, pixels).
import { init, registerCustomSeries, use } from 'echarts/core';
import { CustomChart } from 'echarts/charts';
import { GridComponent, LegendPlainComponent, TitleComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { resolve, shapes } from './shapes.js';
import './text.js';
import { FONT, theme } from './theme.js';
import { toSVG } from './tosvg.js';

use([CustomChart, GridComponent, LegendPlainComponent, SVGRenderer, TitleComponent]);
for (const [name, shape] of Object.entries(shapes)) registerCustomSeries(name, shape);

// What only a live chart has.
const dead = ['tooltip', 'toolbox', 'narrow'];

globalThis.t2gPictures = (json) => JSON.parse(json).map(({ width, height, option }) => {
  for (const key of dead) delete option[key];
  for (const series of option.series) series.itemPayload = { ...series.itemPayload, still: true };
  const chart = init(null, theme, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(resolve(option));
  const tree = chart.getZr().painter.renderToVNode({ useViewBox: true });
  chart.dispose();
  return toSVG(tree, { fontFamily: FONT, fontSize: 12 });
});
