// Before a form is sent: is whoever opened the page still signed in? When not, everything typed
// stays where it is, and a dialog says what to do. Forms with data-account take part.
import { element } from './element.js';

let dialog;

// Resolves to whether a form may be sent now; when not, the person has been told.
export async function maySend(form) {
  const problem = await problemOf(form);
  if (problem) tell(form, problem);
  return !problem;
}

// Why a form cannot be sent, or null. Renews its token after signing in again.
export async function problemOf(form) {
  if (!form.dataset.account) return null;
  let response;
  try {
    response = await fetch('/session', { redirect: 'manual', cache: 'no-store' });
  } catch {
    return { title: '连接不上服务器', text: '内容没有提交，仍保留在本页。请检查网络后再提交。' };
  }
  if (response.type === 'opaqueredirect') {
    return { title: '登录已失效', text: '请在新窗口重新登录，再回到本页提交。本页填写的内容都还在。', out: true };
  }
  if (!response.ok) return { title: '系统繁忙', text: '内容没有提交，仍保留在本页。请稍后再提交。' };
  const { account, name, token } = await response.json();
  if (account !== form.dataset.account) {
    const text = `本浏览器现在登录的是“${name}”，不是打开本页的人，不能提交。请退出后由原办理人重新登录，再回到本页提交。`;
    return { title: '登录账号已更换', text, out: true };
  }
  for (const field of document.querySelectorAll('input[name=csrf_token]')) field.value = token;
  return null;
}

function tell(form, { title, text, out }) {
  dialog?.remove();
  dialog = element('dialog', { className: 'app-dialog', ariaLabel: title });
  const close = element('button', { type: 'button', className: 'btn', textContent: '返回本页' });
  close.addEventListener('click', () => dialog.close());
  const buttons = element('div', { className: 'btn-list' });
  if (out) {
    const link = { className: 'btn btn-primary', href: '/sign-in', target: '_blank', rel: 'noopener' };
    buttons.append(element('a', { ...link, textContent: '在新窗口登录' }));
  }
  buttons.append(close);
  dialog.append(element('h2', { textContent: title }), element('p', { textContent: text }), buttons);
  dialog.dataset.for = out ? 'sign-in' : '';
  dialog.form = form;
  document.body.append(dialog);
  dialog.showModal();
}

// Whoever comes back from signing in finds the page ready.
document.addEventListener('visibilitychange', async () => {
  if (document.hidden || !dialog?.open || !dialog.dataset.for) return;
  if ((await problemOf(dialog.form)) === null) dialog.close();
});
