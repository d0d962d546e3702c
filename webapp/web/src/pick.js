// Choosing many rows of a list: all at once, and how many there are so far. A form with
// data-onwards goes through the rest of them by itself.
import { said } from './words.js';

const list = document.querySelector('[data-pick]');

if (list) {
  const all = list.querySelector('[data-pick-all]');
  const boxes = () => [...list.querySelectorAll('input[name=task]')];
  all.hidden = false;
  const tell = () => {
    const count = boxes().filter((box) => box.checked).length;
    all.checked = count === boxes().length;
    all.indeterminate = count > 0 && !all.checked;
    document.querySelector('[data-pick-word]').textContent = said(`已选 ${count} 件`);
  };
  list.addEventListener('change', (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    tell();
  });
  tell();
}

const rest = document.querySelector('form[data-onwards]');
rest?.requestSubmit(rest.querySelector('[name=_action]'));
