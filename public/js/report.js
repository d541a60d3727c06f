/** @import {Message} from './types.js' */
import { line } from './text.js';

/** What is chosen from, and the choice that asks for words. The page without script has the same (handlers/report_create.go). */
const REASONS = ['Spam', 'Harassment', 'Off topic'];
const OTHER = 'Something else';
/** Characters of what is written about it. */
const LONGEST = 450;

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {Record<string, unknown>} has
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function make(tag, className, has, ...children) {
  const node = Object.assign(document.createElement(tag), { className, ...has });
  node.append(...children);
  return node;
}

/**
 * Asks why a message should be looked at by the moderators, and tells them.
 * @param {Message} message
 * @param {object} host
 * @param {(event: string, body: object) => Promise<any>} host.request adds the room
 * @param {() => void} host.onDone
 * @param {() => void} host.onClosed the focus went nowhere
 */
export function openReport(message, { request, onDone, onClosed }) {
  const { dialog, form, choices, more, words, submit } = draw(message);
  let sending = false;

  /** @param {string} text @param {HTMLElement} [at] */
  const say = (text, at) => {
    words.textContent = text;
    at?.focus();
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (sending) return;
    const written = more.value.trim();
    const chosen = choices.find((choice) => choice.checked)?.value;
    if (!chosen) return say('Choose what is wrong with it.', choices[0]);
    if (chosen === OTHER && !written) return say('Say what is wrong with it.', more);
    const reason = chosen === OTHER ? written : [chosen, written].filter(Boolean).join(': ');
    say('');
    sending = true;
    submit.setAttribute('aria-disabled', 'true');
    try {
      const answer = await request('message:report', { seq: message.seq, reason });
      if (answer.ok) {
        dialog.close();
        onDone();
      } else say(`Not reported. ${answer.error.message}`);
    } catch {
      say('Not reported. The server did not answer. Try again when you are connected.');
    }
    sending = false;
    submit.removeAttribute('aria-disabled');
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (document.activeElement === document.body) onClosed();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Message} message */
function draw(message) {
  const choices = [...REASONS, OTHER].map((value) => make('input', '', { type: 'radio', name: 'reason', value }));
  choices[0].autofocus = true;
  const more = make('textarea', 'field__input', { id: 'report-more', rows: 2, maxLength: LONGEST, dir: 'auto' });
  const words = make('p', 'field__error', {});
  words.setAttribute('role', 'alert');
  const cancel = make('button', 'button button--quiet', { type: 'button' }, 'Cancel');
  const submit = make('button', 'button', {}, 'Report');
  const form = make('form', 'form', { noValidate: true },
    make('fieldset', '', {}, make('legend', 'field__label', {}, 'What is wrong with it?'),
      ...choices.map((choice) => make('label', 'complaint__one', {}, choice, choice.value))),
    make('div', 'field', {}, make('label', 'field__label', { htmlFor: more.id }, 'In your words'), more),
    words,
    make('div', 'dialog__buttons', {}, cancel, submit));
  const title = make('h2', 'dialog__title', { id: 'report-title' }, 'Report this message');
  const text = make('p', 'dialog__text', { id: 'report-text' }, 'Only moderators see that it was you.');
  const dialog = make('dialog', 'dialog complaint', {}, title, text,
    make('blockquote', 'dialog__quote', { dir: 'auto' }, make('bdi', 'complaint__who', {}, message.author.name), ` ${line(message)}`), form);
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.setAttribute('aria-describedby', text.id);
  cancel.addEventListener('click', () => dialog.close());
  return { dialog, form, choices, more, words, submit };
}
