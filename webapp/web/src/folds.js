// <details data-remember="name"> stays as it was left, in this browser.
const PREFIX = 'yijianshi-fold-';

for (const fold of document.querySelectorAll('details[data-remember]')) {
  const key = PREFIX + fold.dataset.remember;
  if (localStorage.getItem(key)) fold.open = !fold.open;
  const usual = localStorage.getItem(key) ? !fold.open : fold.open;
  fold.addEventListener('toggle', () => {
    if (fold.open === usual) localStorage.removeItem(key);
    else localStorage.setItem(key, '1');
  });
}

// Paper has no folds.
window.addEventListener('beforeprint', () => {
  for (const fold of document.querySelectorAll('details:not([open])')) {
    fold.dataset.folded = '';
    fold.open = true;
  }
});
window.addEventListener('afterprint', () => {
  for (const fold of document.querySelectorAll('details[data-folded]')) {
    delete fold.dataset.folded;
    fold.open = false;
  }
});
