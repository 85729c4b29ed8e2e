// The legend's icons of a speed-up's points, which no line joins; their shapes are a line's.

const icon = (d) => `path://M0 0h.01v.01zM24 12h-.01v-.01z${d}`;

export const icons = {
  'points-circle': icon('M8 6a4 4 0 1 1 8 0a4 4 0 1 1 -8 0z'),
  'points-square': icon('M8.5 2.5h7v7h-7z'),
  'points-triangle': icon('M12 1L16.5 9.5L7.5 9.5z'),
  'points-diamond': icon('M12 1L17 6L12 11L7 6z'),
};
