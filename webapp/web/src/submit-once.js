// A form is sent once, however often its button is pressed. The server would refuse the second one
// anyway; this only spares the person its message. Forms that may be sent again (downloads) carry
// data-repeatable; forms sent by htmx are left to htmx.
const sent = new WeakSet();

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post' || 'repeatable' in form.dataset) return;
  if (sent.has(form)) return event.preventDefault();
  sent.add(form);
  // only after the browser has read which button was pressed
  setTimeout(() => buttons(form).forEach((button) => ((button.disabled = true), (button.ariaBusy = 'true'))));
});

// The back button may bring the page back as it was left.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    if (!sent.delete(form)) continue;
    buttons(form).forEach((button) => ((button.disabled = false), (button.ariaBusy = null)));
  }
});

function buttons(form) {
  return [...form.elements].filter((field) => field.type === 'submit');
}
