/** @import {Message, Pending} from './types.js' */
/** @import {Item} from './arrange.js' */
/** @import {MessageWindow} from './window.js' */
/** @import {Quotes} from './quotes.js' */
/** @import {RowPainter} from './row.js' */
/** @import {Clockwork} from './time.js' */
/** @import {Scroller} from './scroll.js' */
import { arrange } from './arrange.js';
import { statusOf } from './outbox.js';

const WORDS = { newMessages: 'New messages', new: 'New' };

/**
 * The list of messages on the page. What stands there follows from the window and the outbox; draw makes it so,
 * touching only what differs. The rows that the server rendered are taken over as they are.
 */
export class MessageList {
  /** @type {Map<string, {node: HTMLElement, rev: number}>} */
  #drawn = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tick;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root
   * @param {HTMLElement} parts.older stands above while there is more
   * @param {HTMLElement} parts.beginning stands above when there is not, with one of the next two
   * @param {HTMLElement} parts.begun
   * @param {HTMLElement} parts.empty
   * @param {MessageWindow} parts.window
   * @param {() => Pending[]} parts.pending what is not in the room yet
   * @param {Quotes} parts.quotes
   * @param {RowPainter} parts.painter
   * @param {Scroller} parts.scroller
   * @param {Clockwork} parts.time
   * @param {string} parts.me
   * @param {() => string} parts.connection state's name
   * @param {number} parts.dividerAfter
   * @param {typeof WORDS} [parts.words]
   * @param {typeof statusOf} [parts.status]
   */
  constructor(parts) {
    this.parts = parts;
    this.dividerAfter = parts.dividerAfter;
  }

  /**
   * Takes over what the server rendered.
   * @returns {Message[]}
   */
  adopt() {
    const { root, painter } = this.parts;
    const messages = [];
    for (const node of /** @type {HTMLCollectionOf<HTMLElement>} */ (root.children)) {
      const { message, held } = node.dataset;
      if (held) continue; // stays below the others until the room is joined
      const key = node.dataset.key ??= node.id;
      let rev = 0;
      if (message) {
        const known = painter.adopt(node, JSON.parse(message));
        node.dataset.message = ''; // a stored message, and no second copy of it
        messages.push(known);
        rev = known.rev;
      }
      this.#drawn.set(key, { node, rev });
    }
    return messages;
  }

  /** Brings the page up to the window and the outbox, keeping the view. */
  draw() {
    const { root, older, beginning, begun, empty, window, scroller, time, me } = this.parts;
    const pending = this.parts.pending();
    const items = arrange(window.messages, pending, { me, time, dividerAfter: this.dividerAfter });
    scroller.keep(() => {
      scroller.complete = !window.hasNewer;
      older.hidden = !window.hasOlder;
      beginning.hidden = window.hasOlder;
      begun.hidden = items.length === 0;
      empty.hidden = items.length > 0;
      this.#place(root, items);
      this.#quote(root);
    });
    this.#watchPending(pending.some(({ status }) => !status));
  }

  /** @param {number} seq @returns {HTMLElement | undefined} */
  row(seq) {
    return this.#drawn.get(`m${seq}`)?.node;
  }

  /** @param {number} seq of a message whose reactions are not what is drawn */
  react(seq) {
    const { window, scroller, painter } = this.parts;
    const message = window.get(seq);
    const row = this.row(seq);
    if (message && row) scroller.keep(() => painter.paintReactions(row, message));
  }

  /**
   * Quotes follow what they quote. What the server rendered is asked for by nobody until it changes.
   * @param {HTMLElement} root
   */
  #quote(root) {
    const { quotes, painter } = this.parts;
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.quote'))) {
      const seq = Number(node.dataset.seq);
      const original = quotes.get(seq);
      if (original !== undefined) {
        if (node.dataset.rev !== String(original?.rev ?? 0)) painter.paintQuote(node, original);
      } else if (!node.dataset.rev) {
        quotes.want(seq);
      }
    }
  }

  /** @param {HTMLElement} root @param {Item[]} items */
  #place(root, items) {
    const keys = new Set(items.map((item) => item.key));
    for (const item of items) {
      // A deleted message that is restored is drawn anew: its row has lost too much.
      if (item.type === 'message' && !item.message.deletedAt && this.#drawn.get(item.key)?.node.classList.contains('is-deleted')) keys.delete(item.key);
    }
    for (const [key, { node }] of this.#drawn) {
      if (keys.has(key)) continue;
      node.remove();
      this.#drawn.delete(key);
    }
    let next = root.firstElementChild;
    for (const item of items) {
      const node = this.#node(item);
      if (node === next) next = node.nextElementSibling;
      else root.insertBefore(node, next);
    }
  }

  /** @param {Item} item */
  #node(item) {
    let drawn = this.#drawn.get(item.key);
    if (!drawn) {
      drawn = { node: this.#create(item), rev: item.type === 'message' ? item.message.rev : 0 };
      this.#drawn.set(item.key, drawn);
    }
    const { node } = drawn;
    if (item.type === 'message') {
      if (drawn.rev !== item.message.rev) {
        this.parts.painter.paint(node, item.message);
        drawn.rev = item.message.rev;
      }
    } else if (item.type === 'pending') {
      const state = this.parts.connection();
      this.parts.painter.paintStatus(node, (this.parts.status ?? statusOf)(item.entry, { now: Date.now(), state }));
    } else if (item.type === 'day') {
      this.#paintDay(node, item.at);
    }
    if ('grouped' in item) node.classList.toggle('is-grouped', item.grouped);
    return node;
  }

  /** @param {Item} item @returns {HTMLElement} */
  #create(item) {
    const { painter, words = WORDS } = this.parts;
    if (item.type === 'message') return painter.create(item.message);
    if (item.type === 'pending') return painter.createPending(item.entry);
    const node = document.createElement(item.type === 'day' ? 'h2' : 'div');
    node.className = item.type;
    node.dataset.key = item.key;
    if (item.type === 'day') {
      const time = document.createElement('time');
      time.dateTime = item.day;
      node.append(time);
    } else {
      node.setAttribute('role', 'separator');
      node.setAttribute('aria-label', words.newMessages);
      const word = document.createElement('span');
      word.setAttribute('aria-hidden', 'true');
      word.textContent = words.new;
      node.append(word);
    }
    return node;
  }

  /** @param {HTMLElement} node @param {Date} at */
  #paintDay(node, at) {
    const words = this.parts.time.heading(at);
    const time = /** @type {HTMLElement} */ (node.firstElementChild);
    if (time.textContent !== words) time.textContent = words;
  }

  /**
   * "Sending…" and "not sent" depend on the clock.
   * @param {boolean} waiting
   */
  #watchPending(waiting) {
    clearTimeout(this.#tick);
    if (waiting) this.#tick = setTimeout(() => this.draw(), 1000);
  }
}
