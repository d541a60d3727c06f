import { element } from './config.js';

/**
 * Asks before something that cannot be undone. The browser's own modal dialog keeps the focus and gives it back.
 * @param {{title: string, text?: string, quote?: string, yes: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text = '', quote = '', yes }) {
  const dialog = /** @type {HTMLDialogElement} */ (element('confirm'));
  element('confirm-title').textContent = title;
  element('confirm-text').textContent = text;
  element('confirm-quote').textContent = quote;
  element('confirm-yes').textContent = yes;
  dialog.returnValue = 'cancel';
  dialog.showModal();
  return new Promise((done) => {
    const closed = () => {
      if (dialog.open) return; // the late event of the question before
      dialog.removeEventListener('close', closed);
      element('confirm-quote').textContent = ''; // what is deleted is deleted here too
      done(dialog.returnValue === 'yes');
    };
    dialog.addEventListener('close', closed);
  });
}
