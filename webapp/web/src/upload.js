// Files go to the server as soon as they are chosen, dropped on their field, pasted or photographed;
// the fields come back with their names. What they are is decided there; only the size is asked here,
// to spare the wait.
import htmx from 'htmx.org';
import { answers, giveBack } from './answers.js';
import { element } from './element.js';
import { maySend } from './session.js';

const AT_ONCE = 20 * 1024 * 1024; // bytes of one request
const placeOf = (target) => target?.closest?.('fieldset.app-files');
let last = null; // id of the input that files were last given to

document.addEventListener('change', (event) => {
  const input = event.target;
  if (!input.matches?.('input[type=file][data-upload]') || !input.files.length) return;
  const files = [...input.files];
  input.value = '';
  take(placeOf(input), files);
});

for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    const place = placeOf(event.target);
    if (!place || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    place.classList.toggle('is-over', kind === 'dragover');
    if (kind === 'drop') take(place, [...event.dataTransfer.files]);
  });
}

// Pasted files go to the field one stands in or used last, else to the only one there is.
document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const places = [...document.querySelectorAll('fieldset.app-files')].filter((one) => one.querySelector('[data-upload]'));
  const known = last && placeOf(document.getElementById(last));
  const place = placeOf(event.target) ?? known ?? (places.length === 1 ? places[0] : null);
  if (!files.length || !place) return;
  event.preventDefault();
  take(place, files);
});

async function take(place, chosen) {
  const input = place.querySelector('input[type=file][data-upload]');
  const { form, id } = input;
  last = id;
  if ('uploading' in form.dataset) return say(id, ['上一批文件还在上传，请稍候再添加。']);
  const failures = [];
  const most = Number(input.dataset.upload);
  const files = (input.multiple ? chosen : chosen.slice(0, 1)).filter((file) => {
    if (file.size <= most) return true;
    failures.push(`“${file.name}”没有上传：文件超过 ${most / 1024 / 1024} MB，请压缩后再上传`);
    return false;
  });
  if (chosen.length > 1 && !input.multiple) failures.push('这里只能有一个文件，只上传了第一个');
  form.dataset.uploading = '';
  for (const batch of batches(files)) {
    const problem = await send(form, id, batch);
    if (problem) failures.push(problem);
  }
  delete form.dataset.uploading;
  say(id, failures);
  if (files.length) form.dispatchEvent(new Event('change', { bubbles: true })); // not saved yet
}

function batches(files) {
  const all = [];
  let room = 0;
  for (const file of files) {
    if (file.size > room) {
      all.push([]);
      room = AT_ONCE;
    }
    all.at(-1).push(file);
    room -= file.size;
  }
  return all;
}

// Returns what is to be said below the field, beyond what the fields that came back say themselves.
async function send(form, id, files, again = true) {
  const before = answers(form);
  const body = new FormData();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  for (const file of files) body.append(document.getElementById(id).name, file);
  body.append('_action', 'refresh');
  const names = files.map((file) => `“${file.name}”`).join('、');
  const answer = await post(form.action, body, progress(id, names));
  if (answer === null) return `${names}没有上传：连接不上服务器`;
  const fresh = answer.responseXML?.getElementById('form-body');
  if (fresh && [200, 422].includes(answer.status)) {
    const since = answers(form);
    for (const plain of fresh.querySelectorAll('noscript')) plain.remove(); // read as if there were no scripts
    document.getElementById('form-body').replaceWith(fresh);
    giveBack(form, before, since);
    htmx.process(fresh);
    document.getElementById(id)?.focus();
    return null;
  }
  if (answer.status === 413) return `${names}没有上传：文件过大`;
  const fine = await maySend(form);
  if (fine && again) return send(form, id, files, false);
  return `${names}没有上传${fine ? '：系统暂时不能接收，请稍后再试' : '，请按提示处理后重新选择'}`;
}

function post(url, body, told) {
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    request.open('POST', url);
    request.responseType = 'document';
    request.upload.addEventListener('progress', (event) => told(event.loaded / event.total));
    request.addEventListener('load', () => resolve(request));
    request.addEventListener('error', () => resolve(null));
    request.send(body);
  });
}

function progress(id, names) {
  const bar = element('progress', { max: 1, value: 0, ariaLabel: '上传进度' });
  const text = element('span', { textContent: `正在上传${names}` });
  text.setAttribute('role', 'status');
  wordOf(id)?.replaceChildren(text, bar);
  return (part) => (bar.value = part);
}

function say(id, failures) {
  const lines = failures.map((text) => element('div', { className: 'is-failed', textContent: text }));
  for (const line of lines) line.setAttribute('role', 'alert');
  wordOf(id)?.replaceChildren(...lines);
}

function wordOf(id) {
  return placeOf(document.getElementById(id))?.querySelector('[data-upload-word]');
}
