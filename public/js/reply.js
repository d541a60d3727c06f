/** @import {Message} from './types.js' */
/** @import {Quotes} from './quotes.js' */
/** @import {Store} from './storage.js' */
import { element } from './config.js';
import { line } from './text.js';

/**
 * What the message that is being written answers: a line above the box, kept with the draft.
 */
export class Reply {
  /** seq of the message to be answered, 0 for none */
  seq = 0;

  /**
   * @param {object} host
   * @param {Quotes} host.quotes
   * @param {Store} host.store
   * @param {string} host.key in it
   * @param {() => void} host.onClosed by its button
   */
  constructor(host) {
    this.host = host;
    this.root = element('reply');
    this.who = /** @type {HTMLElement} */ (this.root.querySelector('.reply__who'));
    this.text = /** @type {HTMLElement} */ (this.root.querySelector('.reply__text'));
    const field = /** @type {HTMLInputElement} */ (this.root.querySelector('input'));
    element('reply-close').addEventListener('click', (event) => {
      event.preventDefault();
      this.set(0);
      host.onClosed();
    });
    this.set(Number(field.value) || Number(host.store.get(host.key)) || 0);
  }

  /** @param {number} seq 0 for nothing */
  set(seq) {
    const { store, key } = this.host;
    this.seq = seq;
    if (seq) store.set(key, String(seq));
    else store.remove(key);
    this.draw();
  }

  /** Gives away what is answered: the message is on its way. */
  take() {
    const { seq } = this;
    this.set(0);
    return seq || undefined;
  }

  /** To be called when more is known, or something has changed. */
  draw() {
    const { quotes } = this.host;
    this.root.hidden = !this.seq;
    if (!this.seq) return;
    const original = quotes.get(this.seq);
    if (original === undefined) return quotes.want(this.seq);
    const gone = !original || original.deletedAt;
    this.who.textContent = gone ? '' : /** @type {Message} */ (original).author.name;
    this.text.textContent = gone ? 'Message deleted' : line(/** @type {Message} */ (original));
  }
}
