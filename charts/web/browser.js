// The runtime: wakes the figures of a page. A figure comes with a picture (img), its option
// (inert JSON) and one line of script that pushes it to window.t2gCharts, an array until this
// script has run; it pushes null where a script does not know its place, as in the classic
// notebook, which runs the scripts of an output in the page's head. A figure that comes near the
// screen gets a live chart in place of its picture; one that leaves the page gives it back. See the
// Go package charts for the HTML.
//
// A page may hold outputs of several versions of the course, each with its library. A figure says
// which library is its own, and only that one wakes it, whichever comes first: page.js.
import { init, registerCustomSeries, use } from 'echarts/core';
import { CustomChart } from 'echarts/charts';
import {
  GridComponent, LegendPlainComponent, TitleComponent, ToolboxComponent, TooltipComponent,
} from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { join } from './page.js';
import { resolve, shapes } from './shapes.js';
import './text.js';
import { theme } from './theme.js';

use([
  CustomChart, GridComponent, LegendPlainComponent, SVGRenderer, TitleComponent, ToolboxComponent, TooltipComponent,
]);
for (const [name, shape] of Object.entries(shapes)) registerCustomSeries(name, shape);

const live = new Map(); // the figures that have a live chart: figure → { chart, box, sizes }

function wake(figure) {
  const picture = figure.querySelector('img');
  const source = figure.querySelector('script[type="application/json"]');
  if (live.has(figure) || !picture || !source) return;
  const box = document.createElement('div');
  box.className = 't2g-live';
  box.setAttribute('role', 'img');
  box.setAttribute('aria-label', picture.alt);
  // The chart's element stands free in the box, or it would keep the box from shrinking.
  const place = box.appendChild(document.createElement('div'));
  picture.after(box);
  figure.classList.add('t2g-alive');
  try {
    const { narrow, ...rest } = JSON.parse(source.textContent);
    const option = resolve(rest);
    const fit = () => {
      const height = box.clientWidth <= narrow?.width ? narrow.height : picture.getAttribute('height');
      box.style.height = `${height}px`;
    };
    fit();
    const chart = init(place, theme, { renderer: 'svg' });
    chart.setOption(option);
    const sizes = new ResizeObserver(() => {
      if (!box.clientWidth) return;
      fit();
      chart.resize();
    });
    sizes.observe(place);
    live.set(figure, { chart, box, sizes });
  } catch (error) {
    box.remove();
    figure.classList.remove('t2g-alive'); // the picture stays
    reportError(error); // and the other figures wake
  }
}

function sleep(figure) {
  const { chart, box, sizes } = live.get(figure);
  sizes.disconnect();
  chart.dispose();
  box.remove();
  figure.classList.remove('t2g-alive');
  live.delete(figure);
}

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) wake(target);
  }
  // A notebook takes outputs off the page without a word, and may put them back.
  for (const figure of live.keys()) if (!figure.isConnected) sleep(figure);
}, { rootMargin: '400px' });

const style = document.createElement('style');
style.textContent = `
.t2g-live { position: relative; display: block; background: #fff; }
.t2g-live > div { position: absolute; inset: 0; }
.t2g-alive > img { display: none; }
@media print {
  .t2g-live { display: none; }
  .t2g-alive > img { display: block; }
}`;
document.head.append(style);

join(LIBRARY, {
  push: (figure) => near.observe(figure),
  chart: (figure) => live.get(figure)?.chart, // ECharts' object, if the figure is live
  count: () => live.size,
});
