// A refresh of a form takes a moment. What is typed or ticked in that moment must not be lost when
// the refreshed fields arrive: fields that changed since the refresh was asked for keep their value.
const asked = new WeakMap();

const answers = (form) => new Map(
  [...form.elements].filter((field) => field.name && !['hidden', 'submit', 'file'].includes(field.type))
    .map((field) => [`${field.name}\n${tickable(field) ? field.value : ''}`, state(field)]),
);
const tickable = (field) => field.type === 'checkbox' || field.type === 'radio';
const state = (field) => (tickable(field) ? field.checked : field.value);

document.addEventListener('htmx:before:request', (event) => {
  const form = event.detail.ctx.sourceElement.closest('form');
  if (form) asked.set(event.detail.ctx, { form, before: answers(form) });
});

document.addEventListener('htmx:before:swap', (event) => {
  const request = asked.get(event.detail.ctx);
  if (request) request.since = answers(request.form);
});

document.addEventListener('htmx:after:swap', (event) => {
  const request = asked.get(event.detail.ctx);
  if (!request?.since) return;
  for (const field of request.form.elements) {
    const key = `${field.name}\n${tickable(field) ? field.value : ''}`;
    const kept = request.since.get(key);
    if (kept === undefined || kept === request.before.get(key)) continue;
    if (tickable(field)) field.checked = kept;
    else field.value = kept;
  }
});
