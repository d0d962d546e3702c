// Asks before leaving a page with answers that were typed but not sent: forms with data-guard.
// data-guard="changed" says the server already knows of answers that are not saved (after an error).
// A form that saves by itself (data-draft) asks only while it cannot (data-unsaved), or files are
// under way (data-uploading).
const changed = new Set(document.querySelectorAll('form[data-guard=changed]'));
const guarded = (event) => event.target.form ?? event.target.closest?.('form');

for (const kind of ['input', 'change']) {
  document.addEventListener(kind, (event) => {
    const form = guarded(event);
    if (form && 'guard' in form.dataset) changed.add(form);
  });
}

document.addEventListener('submit', (event) => {
  if (!event.defaultPrevented) changed.delete(event.target);
});

window.addEventListener('beforeunload', (event) => {
  const lost = (form) => form.isConnected && (!('draft' in form.dataset) || 'unsaved' in form.dataset);
  if ([...changed].some(lost) || document.querySelector('form[data-uploading]')) event.preventDefault();
});
