/** The pages beside the chat: small comforts for forms that work without them. */
import { localTimes } from './localtimes.js';
import { signOut } from './signout.js';

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

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-copy]'))) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.copy ?? ''));
  button.addEventListener('click', async () => {
    input.select();
    // Only secure pages have a clipboard; on others what is selected is copied the old way.
    const copied = await (navigator.clipboard?.writeText(input.value).then(() => true, () => false) ?? document.execCommand('copy'));
    /** @type {HTMLElement} */ (document.getElementById(`${input.id}-copied`)).textContent = copied ? 'Copied.' : 'Not copied. It is selected: copy it with the keyboard.';
  });
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

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('form[data-sign-out]'))) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    signOut(form, async (sentence) => confirm(`Sign out? ${sentence}`));
  });
}
