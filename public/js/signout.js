import { openStore, userPrefix } from './storage.js';

/**
 * Who signs out leaves nothing of theirs in this browser: drafts and unsent messages go. If something
 * has not been sent, they are asked first.
 * @param {(sentence: string) => Promise<boolean>} ask
 */
export function watchSignOut(ask) {
  const store = openStore();
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('form[data-sign-out]'))) {
    let sure = false;
    form.addEventListener('submit', async (event) => {
      const prefix = userPrefix(form.dataset.userId ?? '');
      const keys = store.keys(prefix);
      const unsent = keys.filter((key) => key.startsWith(`${prefix}outbox/`)).length;
      if (unsent && !sure) {
        event.preventDefault();
        sure = await ask(unsent === 1
          ? 'One message has not been sent. It will be discarded.'
          : `${unsent} messages have not been sent. They will be discarded.`);
        if (sure) form.requestSubmit();
        return;
      }
      keys.forEach(store.remove);
    });
  }
}
