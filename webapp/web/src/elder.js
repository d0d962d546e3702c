// 长辈版 at once, on the page as it is: what was typed stays. Without scripts the page comes anew.
import { said } from './words.js';

document.addEventListener('submit', async (event) => {
  const form = event.target.closest('[data-reading]');
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  try {
    const body = new FormData(form);
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' });
    if (answer.type !== 'opaqueredirect') throw new Error('not switched');
    const on = body.get('mode') === 'elder';
    if (on) document.documentElement.dataset.mode = 'elder';
    else delete document.documentElement.dataset.mode;
    form.elements.mode.value = on ? 'normal' : 'elder';
    form.querySelector('button').textContent = said(on ? '普通版' : '长辈版');
  } catch {
    form.submit(); // as without scripts
  }
}, true);
