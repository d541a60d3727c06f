/** @import {Message} from '../types.js' */
/** @import {Translate} from './strings.js' */
import { line } from '../text.js';
import { make } from './markup.js';

/** Characters of the reason of a report. */
const LONGEST = 450;

/**
 * A modal dialog within the widget; the browser keeps the focus in it and gives it back.
 * @param {ParentNode & Node} root
 * @param {string} title
 * @param {string} text
 * @param {...Node} children
 */
function open(root, title, text, ...children) {
  const heading = make('h2', { className: 'dialog__title', id: 'dialog-title' }, title);
  const words = make('p', { className: 'dialog__text', id: 'dialog-text' }, text);
  const dialog = make('dialog', { className: 'dialog', 'aria-labelledby': 'dialog-title', 'aria-describedby': 'dialog-text' }, heading, words, ...children);
  dialog.addEventListener('close', () => dialog.remove());
  root.append(dialog);
  dialog.showModal();
  return dialog;
}

/** @param {Message} message */
const quoted = (message) => make('blockquote', { className: 'dialog__quote', dir: 'auto' }, make('bdi', 'dialog__who', message.author.name), ` ${line(message)}`);

/**
 * Asks before a message is deleted.
 * @param {ParentNode & Node} root
 * @param {Message} message
 * @param {Translate} t
 * @returns {Promise<boolean>}
 */
export function confirmDelete(root, message, t) {
  const form = make('form', { method: 'dialog', className: 'dialog__buttons' },
    make('button', { value: 'cancel', className: 'button button--quiet' }, t('cancel')),
    make('button', { value: 'yes', className: 'button button--danger' }, t('delete')));
  const dialog = open(root, t('deleteTitle'), t('deleteText'), quoted(message), form);
  return new Promise((done) => dialog.addEventListener('close', () => done(dialog.returnValue === 'yes')));
}

/**
 * Asks why a message should be looked at by the moderators, and tells them.
 * @param {ParentNode & Node} root
 * @param {Message} message
 * @param {object} host
 * @param {Translate} host.t
 * @param {(reason: string) => Promise<string>} host.send what is wrong, '' if it was taken
 * @param {() => void} host.onDone
 */
export function openReport(root, message, { t, send, onDone }) {
  const reason = make('textarea', { className: 'dialog__input', rows: 3, maxLength: LONGEST, dir: 'auto', 'aria-label': t('reportWhy'), placeholder: t('reportWhy') });
  const trouble = make('p', { className: 'dialog__error', role: 'alert' });
  const cancel = make('button', { type: 'button', className: 'button button--quiet' }, t('cancel'));
  const form = make('form', { noValidate: true }, reason, trouble, make('div', 'dialog__buttons', cancel, make('button', 'button', t('report'))));
  const dialog = open(root, t('reportTitle'), t('reportText'), quoted(message), form);
  cancel.addEventListener('click', () => dialog.close());
  let sending = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (sending) return;
    const words = reason.value.trim();
    trouble.textContent = words ? '' : t('reportSay');
    if (!words) return reason.focus();
    sending = true;
    const wrong = await send(words);
    sending = false;
    if (wrong) {
      trouble.textContent = wrong;
      return;
    }
    dialog.close();
    onDone();
  });
  reason.focus();
}
