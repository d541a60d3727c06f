/** The pages beside the chat: small comforts for forms that work without them. */
import { localTimes } from './localtimes.js';
import { watchSignOut } from './signout.js';

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-reveal]'))) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.reveal ?? ''));
  button.addEventListener('click', () => {
    const shown = input.type === 'password';
    input.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
    input.focus();
  });
  // Password managers offer to keep what was submitted as a password.
  input.form?.addEventListener('submit', () => { input.type = 'password'; });
}

for (const form of document.forms) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault();
    // A second press while the answer is on its way would only be refused.
    if (form.dataset.sent) event.preventDefault();
    queueMicrotask(() => { if (!event.defaultPrevented) form.dataset.sent = 'yes'; });
  });
}
addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
});

localTimes(document);

watchSignOut(async (sentence) => confirm(`Sign out? ${sentence}`));
