// Facts for other systems: every value of <dl data-copy> gets a button that copies it as it is
// shown, and the list one that copies all of it, a line each, title and value parted by a tab.
import { element } from './element.js';
import { said } from './words.js';

const SAID_MS = 1500;

for (const list of document.querySelectorAll('dl[data-copy]')) {
  const lines = [];
  for (const title of list.querySelectorAll('dt')) {
    const place = title.nextElementSibling;
    const name = words(title);
    const value = words(place);
    lines.push(`${name}\t${harmless(value)}`);
    if (place.classList.contains('app-wide') || place.querySelector('a') || value === '—') continue;
    place.append(button('复制', `复制${name}`, value));
  }
  const whole = `复制全部：${words(list.closest('details')?.querySelector('h2'))}`;
  if (lines.length > 1) list.after(button('复制全部', whole, lines.join('\n')));
}

function words(place) {
  return place?.textContent.replace(/\s+/g, ' ').trim() ?? '';
}

// Pasted into a spreadsheet, what somebody typed must not become a formula.
function harmless(value) {
  return /^([=+@]|-\D)/.test(value) ? `'${value}` : value;
}

function button(text, label, value) {
  const made = element('button', { type: 'button', className: 'app-copy no-print', textContent: text, ariaLabel: label });
  made.addEventListener('click', async () => {
    const done = await copy(value, made);
    made.textContent = said(done ? '已复制' : '复制失败');
    made.ariaLabel = `${said(label)}，${made.textContent}`;
    made.classList.toggle('is-done', done);
    setTimeout(() => {
      Object.assign(made, { textContent: said(text), ariaLabel: said(label) });
      made.classList.remove('is-done');
    }, SAID_MS);
  });
  made.setAttribute('aria-live', 'polite');
  return made;
}

// An office's own network is often without TLS, where browsers offer no clipboard to scripts.
async function copy(value, beside) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(value).then(() => true, () => copyBySelection(value, beside));
  }
  return copyBySelection(value, beside);
}

function copyBySelection(value, beside) {
  const place = element('textarea', { value, readOnly: true, className: 'visually-hidden', ariaHidden: 'true' });
  beside.after(place);
  place.select();
  const done = document.execCommand('copy');
  place.remove();
  beside.focus();
  return done;
}
