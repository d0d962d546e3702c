// What is typed into a form with data-draft="/address" is saved there some seconds after the last
// change, and when the page is left. [data-draft-word] in the form says when, or why not.
import { posted } from './answers.js';
import { problemOf } from './session.js';
import { said } from './words.js';

const PAUSE_MS = 3000;
const AT_MOST_MS = 15000;
const MOST_KEPT_ALIVE = 60000; // bytes a browser sends for a page that is gone
const forms = new Map();

for (const form of document.querySelectorAll('form[data-draft]')) {
  // what the server showed after an error is not saved anywhere yet
  forms.set(form, { saved: form.dataset.guard === 'changed' ? null : posted(form), since: 0 });
  for (const kind of ['input', 'change', 'htmx:after:swap']) form.addEventListener(kind, () => plan(form));
  if (form.dataset.guard === 'changed') plan(form);
}
document.addEventListener('visibilitychange', () => {
  if (document.hidden) for (const form of forms.keys()) save(form, true);
});
document.addEventListener('submit', (event) => {
  const draft = forms.get(event.target);
  if (draft && !event.defaultPrevented) {
    clearTimeout(draft.timer);
    draft.saved = posted(event.target); // on its way; a draft beside it would only come too late
  }
});

function plan(form) {
  const draft = forms.get(form);
  draft.since ||= Date.now();
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => save(form), Math.min(PAUSE_MS, Math.max(0, draft.since + AT_MOST_MS - Date.now())));
}

// Save now what is not saved yet.
export async function save(form, leaving = false) {
  const draft = forms.get(form);
  const body = posted(form);
  clearTimeout(draft.timer);
  draft.since = 0;
  if (body === draft.saved || !form.isConnected) return;
  draft.saved = body;
  const failure = await send(form, body, leaving);
  if (failure && draft.saved === body) draft.saved = null;
  form.toggleAttribute('data-unsaved', Boolean(failure));
}

// Returns why it was not saved, or null.
async function send(form, body, leaving, again = true) {
  const keepalive = leaving && body.length < MOST_KEPT_ALIVE;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  try {
    const response = await fetch(form.dataset.draft, { method: 'POST', body, headers, keepalive, redirect: 'manual' });
    if (response.ok) return say(form, `已自动暂存 ${(await response.json()).saved_at}`);
    if (response.status === 409) return say(form, `未能暂存：${(await response.json()).message}`, true);
    if (response.type !== 'opaqueredirect' && response.status !== 400) {
      return say(form, '未能暂存：系统暂时不能保存，内容仍在本页。', true);
    }
  } catch {
    return say(form, '未能暂存：连接不上服务器，内容仍在本页。', true);
  }
  // signed out, or signed in again since: then the token is another one
  const problem = await problemOf(form);
  if (problem) return say(form, `未能暂存：${problem.title}，内容仍在本页。`, true, problem.out);
  if (again) return send(form, posted(form), leaving, false);
  return say(form, '未能暂存：页面已失效，内容仍在本页。', true);
}

function say(form, text, failed = false, out = false) {
  const word = form.querySelector('[data-draft-word]');
  word.textContent = said(text);
  word.classList.toggle('is-failed', failed);
  word.setAttribute('role', failed ? 'alert' : 'note');
  if (out) {
    const link = Object.assign(document.createElement('a'), { href: '/sign-in', target: '_blank', rel: 'noopener' });
    link.textContent = said('在新窗口重新登录');
    word.append(' ', link);
  }
  return failed ? text : null;
}
