// Lets a lecturer fold the code of a lesson away, a cell at a time or all at once.
(() => {
  const cells = [...document.querySelectorAll('div.cell')].filter((cell) => cell.querySelector(':scope > .cell_input'));

  function fold(cell, folded) {
    cell.classList.toggle('folded', folded);
    cell.querySelector('.fold').setAttribute('aria-expanded', !folded);
  }

  for (const cell of cells) {
    const button = document.createElement('button');
    button.className = 'fold';
    button.textContent = 'Code';
    button.onclick = () => fold(cell, !cell.classList.contains('folded'));
    cell.prepend(button);
    fold(cell, false);
  }
  window.course = {
    foldAll() {
      const folded = cells.some((cell) => !cell.classList.contains('folded'));
      for (const cell of cells) fold(cell, folded);
    },
  };

  // A browser would show a notebook's text.
  document.querySelector('.btn-download')?.setAttribute('download', '');

  // Paper is light.
  let theme = null;
  const paper = matchMedia('print');
  const turn = () => {
    const data = document.documentElement.dataset;
    if (paper.matches) {
      theme = data.theme;
      data.theme = 'light';
    } else if (theme) {
      data.theme = theme;
    }
  };
  paper.addEventListener('change', turn);
  addEventListener('load', () => paper.matches && turn());

  // Names that the theme leaves out, for screen readers.
  const home = document.querySelector('.sidebar-primary-item:has(.logo)');
  home?.setAttribute('role', 'region');
  home?.setAttribute('aria-label', 'The course');
  document.querySelectorAll('.search-button-field').forEach((button) => button.removeAttribute('aria-label'));
  document.querySelectorAll('.bd-links summary').forEach((summary) => {
    summary.setAttribute('aria-label', `The pages of ${summary.closest('li').querySelector('a').textContent.trim()}`);
  });
})();
