// Keyboard shortcuts. A link, button or field with data-shortcut="g w" is followed, pressed or
// focused when its keys are typed one after the other, or "Ctrl+S" and "F8" pressed at once, these
// also from inside a field; "?" (or [data-shortcuts-help]) lists them.
// Who works by voice may switch the letters off (WCAG 2.1.4); the choice stays in the browser.
import { element } from './element.js';
import { said } from './words.js';

const PAUSE_MS = 1000;
const OFF = 'yijianshi-shortcuts-off';
let typed = '';
let timer;

document.addEventListener('keydown', (event) => {
  const target = event.isComposing ? null : document.querySelector(`[data-shortcut="${atOnce(event)}"]`);
  if (!target || document.querySelector('dialog:modal')) return;
  event.preventDefault();
  activate(target);
});

// "Ctrl+Shift+Enter", "F8"; Command counts as Ctrl.
function atOnce({ ctrlKey, metaKey, shiftKey, altKey, key }) {
  if (altKey || !(ctrlKey || metaKey || /^F\d+$/.test(key))) return '';
  const name = key.length === 1 ? key.toUpperCase() : key;
  return [ctrlKey || metaKey ? 'Ctrl' : '', shiftKey ? 'Shift' : '', name].filter(Boolean).join('+');
}

// From one mistake to the next; the browser's own focus says where one is.
document.addEventListener('click', (event) => {
  if (!event.target.closest('[data-next-error]')) return;
  const wrong = [...document.querySelectorAll('[aria-invalid=true], .is-wrong[tabindex], fieldset.is-wrong input')];
  const after = wrong.find((field) => document.activeElement.compareDocumentPosition(field) & 4);
  (after ?? wrong[0])?.focus();
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.('input, textarea, select, [contenteditable], dialog')) return;
  if (event.key.length !== 1 || localStorage.getItem(OFF)) return;
  if (event.key === '?') return showHelp();
  clearTimeout(timer);
  timer = setTimeout(() => (typed = ''), PAUSE_MS);
  typed = typed ? `${typed} ${event.key.toLowerCase()}` : event.key.toLowerCase();
  const places = [...document.querySelectorAll('[data-shortcut]')];
  const target = places.find((place) => place.dataset.shortcut === typed);
  if (target) {
    event.preventDefault();
    typed = '';
    activate(target);
  } else if (!places.some((place) => place.dataset.shortcut.startsWith(`${typed} `))) {
    typed = '';
  }
});

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-shortcuts-help]')) showHelp();
});

function activate(target) {
  if (target.matches('input:not([type=checkbox], [type=radio]), textarea, select')) target.focus();
  else target.click();
}

function showHelp() {
  const rows = [['?', said('显示本说明')]];
  for (const place of document.querySelectorAll('[data-shortcut]')) {
    const label = place.dataset.shortcutLabel ?? place.ariaLabel ?? (place.labels?.[0] ?? place).textContent.trim();
    rows.push([place.dataset.shortcut, label]);
  }
  const dialog = element('dialog', { className: 'shortcuts-help', ariaLabel: '键盘快捷键' });
  const table = element('table');
  for (const [keys, label] of rows) {
    const row = table.insertRow();
    const cell = row.insertCell();
    for (const key of keys.split(/[ +]/)) cell.append(element('kbd', { textContent: key }), ' ');
    row.insertCell().textContent = label;
  }
  const box = element('input', { type: 'checkbox', checked: !localStorage.getItem(OFF) });
  box.addEventListener('change', () =>
    box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, '1'),
  );
  const choice = element('label');
  choice.append(box, ` ${said('启用快捷键')}`);
  const close = element('button', { className: 'btn btn-primary', textContent: '关闭' });
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  dialog.append(element('h2', { textContent: '键盘快捷键' }), table, choice, close);
  document.body.append(dialog);
  dialog.showModal();
}
