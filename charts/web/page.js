// The libraries of a page, by their names, which the figures know. What is on window.t2gCharts is
// the first library's, and later versions join it, so this changes as little as it can.

// join adds a library to the page. It gives it the figures that wait for it.
export function join(name, library) {
  if (!window.t2gCharts?.add) window.t2gCharts = registry(window.t2gCharts);
  window.t2gCharts.add(name, library);
}

function registry(before) {
  const libraries = new Map();
  let waiting = []; // figures whose library has not come
  const push = (figure) => {
    const library = libraries.get(figure.dataset.library || '');
    if (library) library.push(figure);
    else if (!waiting.includes(figure)) waiting.push(figure);
  };
  const add = (name, library) => {
    libraries.set(name, library);
    const figures = waiting;
    waiting = [];
    figures.forEach(push);
  };
  const page = {
    version: 2,
    add,
    has: (name) => libraries.has(name),
    push: (figure) => (figure ? [figure] : [...document.querySelectorAll('.t2g-figure')]).forEach(push),
    chart: (figure) => libraries.get(figure.dataset.library || '')?.chart(figure),
    count: () => [...libraries.values()].reduce((sum, library) => sum + library.count(), 0),
  };
  // Before is what figures were pushed to, or a library from before there could be several, whose
  // figures name none.
  if (before?.version) add('', before);
  else before?.forEach(page.push);
  return page;
}
