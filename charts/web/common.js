// What the shapes of several figures have in common.

import { FONT, INK } from './theme.js';

// label is the style of text in a plot. Its white outline keeps it clear of lines.
export const label = (text, more) => ({
  text, fontSize: 12, fontFamily: FONT, fill: INK, stroke: '#ffffff', lineWidth: 3, verticalAlign: 'middle', ...more,
});

export const line = (x1, y1, x2, y2, style) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escape = (text) => text.replace(/[&<>"']/g, (c) => escapes[c]);

// duration writes seconds with a unit and at most four digits.
export function duration(seconds) {
  const units = [['s', 1], ['ms', 1e-3], ['µs', 1e-6], ['ns', 1e-9]];
  const size = Math.abs(seconds);
  const [unit, scale] = units.find(([, least]) => size >= least * 0.99995) || (size ? units[3] : units[0]);
  return `${+(seconds / scale).toPrecision(4)} ${unit}`;
}

// number writes a number with at most twelve digits, as the Go file text.go does: with commas
// between thousands, or with a power of ten. (toLocaleString does nothing where there is no page.)
export function number(value) {
  const size = Math.abs(value);
  const [mantissa, exponent] = size === 0 ? ['0', 0] : size.toExponential(11).split('e');
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return `${value < 0 ? '−' : ''}${+mantissa}×${powerOfTen(exponent)}`;
  const [whole, fraction] = size.toFixed(Math.max(0, 11 - exponent)).split('.');
  const digits = fraction ? `.${fraction}`.replace(/\.?0+$/, '') : '';
  return (value < 0 ? '−' : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + digits;
}

export const powerOfTen = (n) => `10${[...String(+n)].map((c) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(c)]).join('')}`;
