// What all figures look like. The layout in the Go file option.go counts on these sizes.
export const FONT = 'system-ui,sans-serif';
export const INK = '#222222'; // text: 15.9 : 1 on white
const PALE_INK = '#555555'; // axes and tools: 7.5 : 1
const GRID_LINE = '#e4e4e4';

const axis = {
  nameLocation: 'middle',
  nameGap: 32,
  nameMoveOverlap: false,
  nameTextStyle: { color: INK, fontSize: 13 },
  axisLine: { onZero: false, lineStyle: { color: PALE_INK } },
  axisTick: { lineStyle: { color: PALE_INK } },
  axisLabel: { color: INK, fontSize: 12, hideOverlap: true },
  splitLine: { lineStyle: { color: GRID_LINE } },
};

export const theme = {
  // Nothing moves by itself, so prefers-reduced-motion is honoured for everyone.
  animation: false,
  backgroundColor: '#ffffff',
  textStyle: { fontFamily: FONT },
  title: {
    left: 14, top: 6, padding: 0, textStyle: { color: INK, fontSize: 16, lineHeight: 22 },
  },
  legend: {
    left: 14, bottom: 'auto', padding: 0, itemGap: 12, itemWidth: 24, itemHeight: 12,
    textStyle: { color: INK, fontSize: 12 }, inactiveColor: '#767676',
  },
  grid: { outerBoundsMode: 'none' },
  custom: { legendHoverLink: false }, // or all points of a series would be ringed
  valueAxis: axis,
  logAxis: axis,
  categoryAxis: axis,
  tooltip: {
    trigger: 'item', confine: true, transitionDuration: 0, hideDelay: 0, textStyle: { color: INK, fontSize: 13 },
  },
  toolbox: {
    left: 'auto', right: 2, top: 6, padding: 0, itemSize: 15, itemGap: 10,
    iconStyle: { borderColor: PALE_INK },
    feature: {
      // The only way to zoom: ECharts' other one would take the wheel from the page.
      dataZoom: {
        yAxisIndex: 'none', filterMode: 'none', title: { zoom: 'Zoom: drag over a part', back: 'Undo zoom' },
      },
      restore: { title: 'Show all' },
      saveAsImage: { title: 'Save as picture' },
    },
  },
};
