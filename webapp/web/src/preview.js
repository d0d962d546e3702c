// Files open beside the work instead of in its place: a[data-preview="image"|"page"] shows its file
// in a dialog, docked to the right of a wide screen so that one can go on typing. Without this
// script, and with Ctrl, the link opens a window of its own.
import { element } from './element.js';
import { said } from './words.js';

const WIDE = matchMedia('(min-width: 75rem)');
const STEP = 1.25;
let viewer = null;

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-preview]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.dataset.preview === 'page' && !navigator.pdfViewerEnabled) return; // its own window, then
  event.preventDefault();
  viewer?.close();
  viewer = open(link);
});

document.addEventListener('keydown', (event) => {
  if (!viewer || event.defaultPrevented) return;
  if (event.key === 'Escape') return viewer.close();
  if (!event.target.closest?.('dialog.app-viewer') || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!action) return;
  event.preventDefault();
  viewer.step(action);
});

function open(link) {
  const links = [...new Map([...document.querySelectorAll('a[data-preview]')].map((one) => [one.href, one])).values()];
  let place = links.findIndex((one) => one.href === link.href);
  let zoom, turn, picture;

  const dialog = element('dialog', { className: 'app-viewer no-print' });
  const title = element('h2', { className: 'h3' });
  const count = element('span', { className: 'app-number text-secondary' });
  const stage = element('div', { className: 'app-viewer-stage', tabIndex: 0 });
  const alone = element('a', { className: 'btn btn-sm', target: '_blank', rel: 'noopener', textContent: '新窗口' });
  const only = [
    button('左转', () => lay((turn += 3))),
    button('右转', () => lay((turn += 1))),
    button('放大', () => lay((zoom = Math.min(zoom * STEP, 6)))),
    button('缩小', () => lay((zoom = Math.max(zoom / STEP, 0.3)))),
    button('适合', () => lay((zoom = 1))),
  ];
  const steps = [button('上一个', () => step(-1)), button('下一个', () => step(1))];
  const bar = element('div', { className: 'app-viewer-bar' });
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', said('材料查看'));
  const closing = button('关闭', close);
  bar.append(...(links.length > 1 ? [...steps, count] : []), ...only, alone, closing);
  dialog.append(title, bar, stage);
  dialog.addEventListener('cancel', close);
  document.body.append(dialog);
  if (WIDE.matches) {
    document.body.classList.add('is-viewing');
    dialog.show();
  } else {
    dialog.showModal();
  }
  show();
  closing.focus();

  function show() {
    const { href, textContent, dataset } = links[place];
    zoom = 1;
    turn = 0;
    title.textContent = dialog.ariaLabel = stage.ariaLabel = textContent.trim();
    alone.href = href;
    count.textContent = `${place + 1} / ${links.length}`;
    only.forEach((one) => (one.hidden = dataset.preview !== 'image'));
    picture = null;
    if (dataset.preview === 'image') {
      picture = element('img', { src: href, alt: title.textContent });
      picture.addEventListener('load', () => lay());
      stage.replaceChildren(element('div', { className: 'app-viewer-sheet' }));
      stage.firstChild.append(picture);
    } else {
      stage.replaceChildren(element('iframe', { src: href, title: title.textContent }));
    }
  }

  // A turned picture takes the room of a turned sheet, so that scrolling reaches all of it.
  function lay() {
    const across = turn % 2;
    const ratio = picture.naturalHeight / picture.naturalWidth;
    const width = (stage.clientWidth - 16) * zoom;
    const sheet = picture.parentElement.style;
    sheet.width = `${width}px`;
    sheet.height = `${across ? width / ratio : width * ratio}px`;
    picture.style.width = `${across ? width / ratio : width}px`;
    picture.style.transform = `translate(-50%, -50%) rotate(${(turn % 4) * 90}deg)`;
  }

  function step(by) {
    place = (place + by + links.length) % links.length;
    show();
  }

  function close() {
    dialog.remove();
    document.body.classList.remove('is-viewing');
    viewer = null;
    links[place].focus();
  }

  return { close, step };
}

function button(text, action) {
  const made = element('button', { type: 'button', className: 'btn btn-sm', textContent: text });
  made.addEventListener('click', () => action());
  return made;
}
