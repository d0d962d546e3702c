// Buttons that print the page, and papers that were opened in order to be printed.
document.addEventListener('click', (event) => {
  if (event.target.closest?.('[data-print]')) window.print();
});
if (new URLSearchParams(location.search).get('print') === '1' && document.querySelector('[data-print]')) {
  window.addEventListener('load', () => window.print());
}
