// What stands in a form's fields, and putting it back after the fields were drawn afresh.
const tickable = (field) => field.type === 'checkbox' || field.type === 'radio';
const key = (field) => `${field.name}\n${tickable(field) ? field.value : ''}`;
const state = (field) => (tickable(field) ? field.checked : field.value);

export const answers = (form) => new Map(
  [...form.elements]
    .filter((field) => field.name && !['hidden', 'submit', 'file'].includes(field.type))
    .map((field) => [key(field), state(field)]),
);

// Fields that changed between two looks keep what they were changed to.
export function giveBack(form, before, since) {
  for (const field of form.elements) {
    const kept = since.get(key(field));
    if (kept === undefined || kept === before.get(key(field))) continue;
    if (tickable(field)) field.checked = kept;
    else field.value = kept;
  }
}

// All that would be sent but files, as a form sends it.
export function posted(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === 'string');
  return new URLSearchParams(pairs).toString();
}
