// The shapes of lines: a Line's series, densities, reference levels.

import { escape, line, number, powerOfTen } from './common.js';

export const shapes = { 't2g.line': curve, 't2g.level': level, 't2g.pin': pin };

export const formats = {
  't2g.name': ({ names }) => (i) => names[i],
  't2g.decade': () => (v) => powerOfTen(Math.round(Math.log10(v))),
  't2g.tick': () => number,
  't2g.line': ({ name, xUnit, yUnit, base, scale }) => ({ value: [x, y, low, high] }) => {
    const at = (v, unit) => `<b>${number(v)}</b>${unit ? ` ${escape(unit)}` : ''}`;
    const interval = high === undefined ? '' : `<br>from ${at(low)} to ${at(high, yUnit)}`;
    const told = scale ? +(scale * (y - base)).toPrecision(3) : y;
    return `${escape(name)}<br>${at(told, yUnit)} at ${at(x, xUnit)}${interval}`;
  },
};

// prepare says which of a line's data are for which axis.
export function prepare(option) {
  for (const series of option.series.filter((s) => s.renderItem === 't2g.line')) {
    const { band, whiskers } = series.itemPayload;
    series.encode = { x: 0, y: band || whiskers ? [1, 2, 3] : [1] };
  }
}

const dashes = { solid: undefined, dashed: [7, 4], dotted: [2, 3], 'dash-dot': [9, 3, 2, 3] };

// The icons of a legend, 24 pixels wide and at most 12 high.
const stroke = (x, width) => `M${x} 4.75h${width}v2.5h-${width}z`;
const icon = (...parts) => `path://${parts.join('')}`;
export const icons = {
  area: icon('M0 1h24v10h-24z'),
  solid: icon(stroke(0, 24)),
  dashed: icon(stroke(0, 6), stroke(9, 6), stroke(18, 6)),
  dotted: icon(stroke(0, 3), stroke(7, 3), stroke(14, 3), stroke(21, 3)),
  'dash-dot': icon(stroke(0, 9), stroke(11, 2), stroke(15, 9)),
  circle: icon(stroke(0, 24), 'M8 6a4 4 0 1 1 8 0a4 4 0 1 1 -8 0z'),
  square: icon(stroke(0, 24), 'M8.5 2.5h7v7h-7z'),
  triangle: icon(stroke(0, 24), 'M12 1L16.5 9.5L7.5 9.5z'),
  diamond: icon(stroke(0, 24), 'M12 1L17 6L12 11L7 6z'),
};

// curve is a line through points. The first item draws all of it, with the area under it (a tint, or fill,
// an opacity) or the band around it; what each item has for itself is a marker and whiskers, or
// a place to point at. Data: [x, y] or [x, y, low, high], by x.
function curve(params, api) {
  const { itemPayload: p, dataIndexInside: i, dataInsideLength: n, coordSys: plot } = params;
  const color = api.visual('color');
  const at = (k, d) => api.coord([api.value(0, k), api.value(d, k)]);
  const children = [];
  if (i === 0) {
    const along = (d) => {
      const points = [];
      for (let k = 0; k < n; k++) {
        const [x, y] = at(k, d);
        if (p.steps && k > 0) points.push([x, points[points.length - 1][1]]);
        points.push([x, y]);
      }
      return points;
    };
    const points = along(1);
    const inPlot = p.still ? {} : {
      clipPath: { type: 'rect', shape: { x: plot.x, y: plot.y - 2, width: plot.width, height: plot.height + 4 } },
    };
    const stroked = { stroke: color, lineWidth: 2, lineDash: dashes[p.dash] };
    if (p.band) {
      const corners = [...along(3), ...along(2).reverse()];
      children.push({
        type: 'polygon', shape: { points: corners }, style: { fill: color, opacity: 0.2 }, z2: -1, silent: true, ...inPlot,
      });
    }
    if (p.fill || p.tint) {
      const floor = api.coord([api.value(0, 0), p.base || 0])[1];
      children.push({
        type: 'polygon',
        shape: { points: [[points[0][0], floor], ...points, [points[points.length - 1][0], floor]] },
        style: p.tint ? { ...stroked, fill: p.tint } : { ...stroked, fill: color, fillOpacity: p.fill },
        silent: true,
        ...inPlot,
      });
    } else if (n > 1 && !p.bare) {
      children.push({ type: 'polyline', shape: { points }, style: { ...stroked, fill: 'none' }, silent: true, ...inPlot });
    }
  }
  const [x, y] = at(i, 1);
  const inSight = x > plot.x - 0.5 && x < plot.x + plot.width + 0.5; // not zoomed away
  if (inSight && p.whiskers) {
    const [low, high] = [at(i, 2)[1], at(i, 3)[1]];
    children.push(line(x, low, x, high, { stroke: color, lineWidth: 1.5 }));
  }
  if (inSight && p.marker) children.push(marker(p.marker, x, y, color));
  if (inSight && !p.still) {
    children.push({
      type: 'circle',
      shape: { cx: x, cy: y, r: 8 },
      style: { fill: 'rgba(0,0,0,0)' },
      emphasis: { style: { stroke: color, lineWidth: 2 } },
    });
  }
  return children.length ? { type: 'group', children } : null;
}

// marker is a mark of one of the kinds that tell the series apart without colours.
function marker(kind, x, y, fill) {
  const polygon = (...corners) => ({
    type: 'polygon', shape: { points: corners.map(([dx, dy]) => [x + dx, y + dy]) }, style: { fill }, z2: 1,
  });
  switch (kind) {
    case 'square': return polygon([-3.5, -3.5], [3.5, -3.5], [3.5, 3.5], [-3.5, 3.5]);
    case 'triangle': return polygon([0, -5], [4.5, 3.5], [-4.5, 3.5]);
    case 'diamond': return polygon([0, -5], [5, 0], [0, 5], [-5, 0]);
    default: return { type: 'circle', shape: { cx: x, cy: y, r: 4 }, style: { fill }, z2: 1 };
  }
}

// level is a horizontal line across the plot. Data: [y].
function level(params, api) {
  const { x, width } = params.coordSys;
  const y = api.coord([0, api.value(0)])[1];
  const style = { stroke: api.visual('color'), lineWidth: 1.5, lineDash: dashes[params.itemPayload.dash] };
  return line(x, y, x + width, y, style);
}

// pin is a dashed vertical line of some height, as a mark is. Data: [x, y, y].
function pin(params, api) {
  const [[x, top], [, floor]] = [1, 2].map((d) => api.coord([api.value(0), api.value(d)]));
  return {
    type: 'group',
    children: [
      line(x, top, x, floor, { stroke: '#ffffff', lineWidth: 3 }),
      { ...line(x, top, x, floor, { stroke: api.visual('color'), lineWidth: 1.5, lineDash: [5, 3] }), z2: 1 },
    ],
  };
}
