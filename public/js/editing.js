/** @import {Message} from './types.js' */
import { composing, fit, sends, touchKeyboard } from './composer.js';
import { length } from './text.js';

const WORDS = {
  empty: 'A message needs some text. To take it back, delete it.',
  /** @param {number} over characters */
  tooMany: (over) => `${over} characters too many.`,
  /** @param {string} why */
  notSaved: (why) => `Not saved. ${why}`,
  /** @param {string} why */
  notDeleted: (why) => `Not deleted. ${why}`,
  kept: 'The message you were editing is gone. Your text is kept here.',
  gone: 'The message you were editing is gone.',
  noAnswer: 'The server did not answer. Try again when you are connected.',
};

/**
 * Changes a message where it stands, and deletes it after asking.
 */
export class Editing {
  /** @type {{seq: number, row: HTMLElement, form: HTMLFormElement, text: HTMLTextAreaElement, before: string} | null} */
  #open = null;

  /**
   * @param {object} host
   * @param {HTMLTemplateElement} host.template
   * @param {number} host.limit
   * @param {(event: string, body: object) => Promise<any>} host.request adds the room
   * @param {(message: Message) => void} host.onChanged
   * @param {(words: string) => void} host.onTrouble
   * @param {(row: HTMLElement | null) => void} host.onClosed where the focus should go
   * @param {(text: string, words: string, focus: boolean) => void} host.onLost the message is gone: text is what was
   *   changed in it, '' for nothing; focus says whether the editor had it
   * @param {(message: Message) => Promise<boolean>} host.confirmed whether it is to be deleted
   * @param {typeof WORDS} [host.words]
   */
  constructor(host) {
    this.host = host;
    this.words = host.words ?? WORDS;
  }

  /** The seq of the message that is being edited, 0 for none. */
  get seq() {
    return this.#open?.seq ?? 0;
  }

  /** @param {HTMLElement} row @param {Message} message */
  start(row, message) {
    this.close();
    const form = /** @type {HTMLFormElement} */ (this.host.template.content.firstElementChild?.cloneNode(true));
    const text = /** @type {HTMLTextAreaElement} */ (form.querySelector('textarea'));
    const body = /** @type {HTMLElement} */ (row.querySelector('.message__body'));
    text.value = message.text ?? '';
    text.enterKeyHint = touchKeyboard() ? 'enter' : 'done';
    form.noValidate = true;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
    form.addEventListener('keydown', (event) => this.#key(event));
    text.addEventListener('input', () => fit(text));
    form.querySelector('[data-action="cancel-edit"]')?.addEventListener('click', () => this.close(true));
    body.hidden = true;
    row.classList.add('is-editing');
    row.append(form);
    this.#open = { seq: message.seq, row, form, text, before: text.value };
    fit(text);
    text.focus();
    form.scrollIntoView({ block: 'nearest' });
  }

  /** @param {boolean} [focus] gives the focus to the row */
  close(focus = false) {
    if (!this.#open) return;
    const { row, form } = this.#open;
    this.#open = null;
    form.remove();
    row.classList.remove('is-editing');
    /** @type {HTMLElement} */ (row.querySelector('.message__body')).hidden = false;
    if (focus) this.host.onClosed(row);
  }

  /** Ends the editing of a message that is gone. Nothing that was written is lost. */
  lose() {
    if (!this.#open) return;
    const { text, before, form } = this.#open;
    const changed = text.value.trim() !== before.trim() ? text.value : '';
    const focus = form.matches(':focus-within');
    this.close();
    this.host.onLost(changed, changed ? this.words.kept : this.words.gone, focus);
  }

  /** @param {Message} message */
  async remove(message) {
    if (!(await this.host.confirmed(message))) return;
    try {
      const answer = await this.host.request('message:delete', { seq: message.seq });
      if (answer.ok) this.host.onChanged(answer.message);
      else this.host.onTrouble(this.words.notDeleted(answer.error.message));
    } catch {
      this.host.onTrouble(this.words.notDeleted(this.words.noAnswer));
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (composing(event)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.close(true);
    } else if (event.key === 'Enter' && event.target === this.#open?.text && sends(event)) {
      event.preventDefault();
      this.#save();
    }
  }

  async #save() {
    const open = this.#open;
    if (!open) return;
    const text = open.text.value.trim();
    const over = length(text) - this.host.limit;
    if (!text) return this.#say(this.words.empty);
    if (this.host.limit > 0 && over > 0) return this.#say(this.words.tooMany(over));
    open.text.readOnly = true;
    try {
      const answer = await this.host.request('message:edit', { seq: open.seq, text });
      if (answer.ok) {
        if (this.#open === open) this.close(true);
        this.host.onChanged(answer.message);
        return;
      }
      this.#say(this.words.notSaved(answer.error.message));
    } catch {
      this.#say(this.words.notSaved(this.words.noAnswer));
    }
    open.text.readOnly = false;
  }

  /** @param {string} words */
  #say(words) {
    const note = this.#open?.form.querySelector('.editor__note');
    if (note) note.textContent = words;
  }
}
