/** @import {User} from './types.js' */
/** @import {Group} from './emoji.js' */
import { hue, initials } from './text.js';
import { completed, tokenAt } from './tokens.js';

/** Names are asked for when typing has rested this long, ms. */
const REST = 120;
const MOST = 8;

/** @param {number} n */
const counted = (n) => (n === 1 ? '1 suggestion' : `${n} suggestions`);

/**
 * @typedef {{insert: string, sign: string, words: string, hue?: number}} Option
 */

/**
 * Offers to complete what is being typed: a list above the box, the focus stays in it.
 */
export class Suggestions {
  /** @type {Option[]} */
  #options = [];
  #chosen = 0;
  #turn = 0;
  /** where the list was sent away: it stays away for this word */
  #declined = -1;
  /** @type {Map<string, Option[]>} */
  #known = new Map();

  /**
   * @param {object} host
   * @param {HTMLTextAreaElement} host.box
   * @param {HTMLElement} host.list
   * @param {(query: string) => Promise<User[]>} host.people
   * @param {() => Promise<Group[]>} [host.emoji]
   * @param {(words: string) => void} host.say to those who do not see the list
   * @param {typeof counted} [host.words]
   */
  constructor(host) {
    this.host = host;
    const { box, list } = host;
    box.setAttribute('aria-autocomplete', 'list');
    box.setAttribute('aria-controls', list.id);
    box.addEventListener('blur', () => this.close());
    document.addEventListener('selectionchange', () => {
      if (!list.hidden && !this.#token()) this.close();
    });
    // The box must not lose the focus to the list.
    list.addEventListener('pointerdown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => {
      const option = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[role="option"]'));
      if (option) this.#pick(Number(option.dataset.at));
    });
  }

  /** To be called when the text has changed. */
  async update() {
    const turn = ++this.#turn;
    const token = this.#token();
    if (token?.from !== this.#declined) this.#declined = -1;
    if (!token || this.#declined >= 0) return this.close();
    const key = `${token.kind} ${token.query.toLowerCase()}`;
    let options = this.#known.get(key);
    if (!options) {
      try {
        options = await (token.kind === 'mention' ? this.#people(token.query, turn) : this.#emoji(token.query));
      } catch {
        options = [];
      }
      if (turn !== this.#turn || !options) return;
      if (options.length) this.#known.set(key, options);
    }
    this.#show(options);
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was meant for the list
   */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const modified = event.shiftKey || event.altKey || event.ctrlKey || event.metaKey;
    if (this.host.list.hidden || modified) return false;
    if (step) this.#choose((this.#chosen + step + this.#options.length) % this.#options.length);
    else if (event.key === 'Enter' || event.key === 'Tab') this.#pick(this.#chosen);
    else if (event.key === 'Escape') {
      this.#declined = this.#token()?.from ?? -1;
      this.close();
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  close() {
    const { box, list } = this.host;
    this.#turn++;
    this.#known.clear();
    list.hidden = true;
    box.removeAttribute('aria-activedescendant');
  }

  #token() {
    const { box } = this.host;
    if (box.selectionStart !== box.selectionEnd) return null;
    const token = tokenAt(box.value, box.selectionEnd);
    return token?.kind === 'emoji' && !this.host.emoji ? null : token;
  }

  /**
   * @param {string} query
   * @param {number} turn
   * @returns {Promise<Option[] | undefined>} undefined: somebody typed on
   */
  async #people(query, turn) {
    await new Promise((done) => setTimeout(done, REST));
    if (turn !== this.#turn) return undefined;
    const users = await this.host.people(query);
    return users.slice(0, MOST).map(({ id, name }) => ({ insert: `@${name}`, sign: initials(name), words: name, hue: hue(id) }));
  }

  /** @param {string} query @returns {Promise<Option[]>} */
  async #emoji(query) {
    const { findEmoji } = await import('./emoji.js');
    const found = findEmoji(await this.host.emoji?.() ?? [], query);
    return found.slice(0, MOST).map(({ emoji, codes }) => ({ insert: emoji, sign: emoji, words: `:${codes[0]}:` }));
  }

  /** @param {Option[]} options */
  #show(options) {
    const { list, say, words: told = counted } = this.host;
    if (options.length === 0) return this.close();
    const same = !list.hidden && options === this.#options;
    this.#options = options;
    list.replaceChildren(...options.map((option, at) => {
      const node = document.createElement('li');
      node.id = `suggestion-${at}`;
      node.dataset.at = String(at);
      node.className = 'suggest__option';
      node.setAttribute('role', 'option');
      const sign = document.createElement('span');
      sign.className = option.hue === undefined ? 'suggest__emoji' : `avatar avatar--small hue-${option.hue}`;
      sign.setAttribute('aria-hidden', 'true');
      sign.textContent = option.sign;
      const words = document.createElement('bdi');
      words.textContent = option.words;
      node.append(sign, words);
      return node;
    }));
    if (list.hidden) say(told(options.length));
    list.hidden = false;
    this.#choose(same ? this.#chosen : 0);
  }

  /** @param {number} at */
  #choose(at) {
    const { box, list } = this.host;
    this.#chosen = at;
    [...list.children].forEach((node, n) => node.setAttribute('aria-selected', String(n === at)));
    list.children[at].scrollIntoView({ block: 'nearest' });
    box.setAttribute('aria-activedescendant', `suggestion-${at}`);
  }

  /** @param {number} at */
  #pick(at) {
    const { box } = this.host;
    const token = this.#token();
    const option = this.#options[at];
    if (token && option) {
      const { text, caret } = completed(box.value, token, option.insert);
      box.value = text;
      box.setSelectionRange(caret, caret);
      box.dispatchEvent(new Event('input', { bubbles: true }));
    }
    this.close();
    box.focus();
  }
}
