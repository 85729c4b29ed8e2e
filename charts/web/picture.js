// Draws pictures without a page: t2gPictures(json) takes an array of {width, height, option}
// and gives an array of SVG documents. The Go program ../svg runs it in an engine that has no
// DOM, no timers and no console.
import { init, registerCustomSeries, setPlatformAPI, use } from 'echarts/core';
import { CustomChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { resolve, shapes } from './shapes.js';
import { toSVG } from './tosvg.js';

use([CustomChart, GridComponent, SVGRenderer, TitleComponent]);
for (const [name, shape] of Object.entries(shapes)) registerCustomSeries(name, shape);

// Without a canvas ECharts takes every letter beyond ASCII for as wide as it is high. The Go
// file text.go has the same widths.
function textWidth(text, size, bold) {
  let em = 0;
  for (const c of text) {
    const code = c.codePointAt(0);
    if ('ijl.,:;\'|!I '.includes(c)) em += 0.29;
    else if ('ftr()[]{}/-"·'.includes(c)) em += 0.38;
    else if ('mwMW@%'.includes(c)) em += 0.87;
    else if (c >= 'A' && c <= 'Z') em += 0.67;
    else if (code < 0x2e80) em += 0.56;
    else em += 1;
  }
  return em * size * (bold ? 1.08 : 1);
}

setPlatformAPI({
  measureText: (text, font = '12px') => ({
    width: textWidth(text, parseFloat(/([\d.]+)px/.exec(font)?.[1] ?? 12), /bold/.test(font)),
  }),
});

// What only a live chart has.
const dead = ['tooltip', 'toolbox', 'dataZoom', 'media'];

globalThis.t2gPictures = (json) => JSON.parse(json).map(({ width, height, option }) => {
  for (const key of dead) delete option[key];
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(resolve(option));
  const tree = chart.getZr().painter.renderToVNode({ useViewBox: true });
  chart.dispose();
  return toSVG(tree);
});
