/** @import {Quotes} from './quotes.js' */
import { element } from './config.js';
import { line } from './text.js';

/**
 * The line above the box that says what is being answered.
 */
export class ReplyLine {
  /**
   * @param {object} host
   * @param {Quotes} host.quotes
   * @param {() => void} host.onClose by its button
   */
  constructor(host) {
    this.host = host;
    this.root = element('reply');
    this.who = /** @type {HTMLElement} */ (this.root.querySelector('.reply__who'));
    this.text = /** @type {HTMLElement} */ (this.root.querySelector('.reply__text'));
    element('reply-close').addEventListener('click', (event) => {
      event.preventDefault();
      host.onClose();
    });
  }

  /** @param {number} seq of the message that is answered, 0 for none */
  draw(seq) {
    const { quotes } = this.host;
    this.root.hidden = !seq;
    if (!seq) return;
    const original = quotes.get(seq);
    if (original === undefined) return quotes.want(seq);
    const there = original && !original.deletedAt ? original : null;
    this.who.textContent = there ? there.author.name : '';
    this.text.textContent = there ? line(there) : 'Message deleted';
  }
}
