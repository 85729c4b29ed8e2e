// How wide text is, in a page as in a picture, so that both lay it out alike. The widths are
// for the common sans-serif fonts, rather too much than too little. (Without this, ECharts
// measures with the page's font, and takes a character beyond ASCII in a picture for as wide
// as it is high.) The Go file text.go has the same widths.
import { setPlatformAPI } from 'echarts/core';

function width(text, size, bold) {
  let em = 0;
  for (const c of text) {
    if ("ijl.,:;'|!I ".includes(c)) em += 0.29;
    else if ('ftr()[]{}/-"·'.includes(c)) em += 0.38;
    else if ('mwMW@%'.includes(c)) em += 0.87;
    else if (c >= 'A' && c <= 'Z') em += 0.67;
    else if (c === '\u200e') continue;
    else if (c.codePointAt(0) < 0x2e80) em += 0.56;
    else em += 1;
  }
  return em * size * (bold ? 1.08 : 1);
}

setPlatformAPI({
  measureText: (text, font = '') => ({
    width: width(text, parseFloat(/([\d.]+)px/.exec(font)?.[1] ?? 12), /bold/.test(font)),
  }),
});
