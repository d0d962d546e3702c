// A refresh of a form takes a moment. What is typed or ticked in that moment must not be lost when
// the refreshed fields arrive; and an answer that is no form at all (the session is over, the task
// is gone) must not take the form's place.
import { answers, giveBack } from './answers.js';
import { maySend } from './session.js';

const asked = new WeakMap();
const formOf = (event) => event.detail.ctx.sourceElement.closest('form');

document.addEventListener('htmx:before:request', (event) => {
  const form = formOf(event);
  if (form) asked.set(event.detail.ctx, { form, before: answers(form) });
});

document.addEventListener('htmx:before:response', (event) => {
  const { raw, status } = event.detail.ctx.response;
  const form = formOf(event);
  if (!form || !(raw.redirected || ![200, 422].includes(status))) return;
  event.preventDefault();
  maySend(form).then((fine) => fine && form.dispatchEvent(new Event('change', { bubbles: true })));
});

document.addEventListener('htmx:before:swap', (event) => {
  const request = asked.get(event.detail.ctx);
  if (request) request.since = answers(request.form);
});

document.addEventListener('htmx:after:swap', (event) => {
  const request = asked.get(event.detail.ctx);
  if (request?.since) giveBack(request.form, request.before, request.since);
});
