// A form of somebody signed in is sent only when it will be taken: the session still runs and is
// the same person's. What another form of the page does (give back, show in full) waits until what
// is typed is saved.
import { save } from './autosave.js';
import { maySend } from './session.js';

let asking = false; // one form at a time: what is pressed meanwhile would only tear it apart
const cleared = new WeakSet();

document.addEventListener(
  'submit',
  async (event) => {
    const { target: form, submitter } = event;
    const typed = document.querySelector('form[data-draft]');
    if (event.defaultPrevented || form.method !== 'post' || cleared.delete(form)) return;
    if (!form.dataset.account && !(typed && typed !== form) && !('uploading' in form.dataset)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.querySelector('[data-upload-word] progress')?.scrollIntoView({ block: 'center' });
    if (asking || 'uploading' in form.dataset) return;
    asking = true;
    if (typed && typed !== form) await save(typed);
    const fine = await maySend(form.dataset.account ? form : typed);
    asking = false;
    if (!fine) return;
    cleared.add(form);
    form.requestSubmit(submitter);
  },
  { capture: true },
);
