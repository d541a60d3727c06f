import { openStore, userPrefix } from './storage.js';

/**
 * Signs out through the form. Who does leaves nothing of theirs in this browser: drafts and unsent messages go. If
 * something has not been sent, they are asked first.
 * @param {HTMLFormElement} form
 * @param {(sentence: string) => Promise<boolean>} ask
 */
export async function signOut(form, ask) {
  const store = openStore();
  const prefix = userPrefix(form.dataset.userId ?? '');
  const unsent = store.keys(`${prefix}outbox/`).length;
  if (unsent && !(await ask(unsent === 1
    ? 'One message has not been sent. It will be discarded.'
    : `${unsent} messages have not been sent. They will be discarded.`))) return;
  store.keys(prefix).forEach(store.remove);
  form.submit();
}
