/** @import {Group} from './emoji.js' */
/** @import {Store} from './storage.js' */
import { element } from './config.js';
import { chose, findEmoji, loadEmoji, recentEmoji } from './emoji.js';

/**
 * Lets one emoji be chosen: by pointer, or typing its name and with the arrows. The search box keeps the focus; the
 * browser's own popover closes it by Escape or a click beside it.
 */
export class Picker {
  /** @type {Group[]} */
  #groups = [];
  /** @type {HTMLElement | null} */
  #chosen = null;
  /** @type {(emoji: string) => void} */
  #onPick = () => {};
  /** @type {HTMLElement | null} */
  #opener = null;

  /** @param {{store: Store, key: string}} host key of the recent ones in the store */
  constructor(host) {
    this.host = host;
    this.root = element('picker');
    this.search = /** @type {HTMLInputElement} */ (element('picker-search'));
    this.list = element('picker-list');
    this.name = element('picker-name');
    this.search.addEventListener('input', () => this.#draw());
    this.search.addEventListener('keydown', (event) => this.#key(event));
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => this.#pick(this.#at(event)));
    this.list.addEventListener('pointermove', (event) => this.#choose(this.#at(event) ?? this.#chosen));
    this.root.addEventListener('toggle', (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === 'closed' && document.activeElement === document.body) this.#opener?.focus();
    });
  }

  /**
   * @param {HTMLElement} opener gets the focus back
   * @param {(emoji: string) => void} onPick
   */
  async open(opener, onPick) {
    this.#onPick = onPick;
    this.#opener = opener;
    // In a sheet the button itself stands nowhere.
    const place = opener.getClientRects().length ? opener : opener.closest('.message') ?? opener;
    const { top, bottom, right } = place.getBoundingClientRect();
    this.root.showPopover();
    this.#place(top, bottom, right);
    this.search.value = '';
    // A touch keyboard would cover what there is to choose from.
    if (matchMedia('(hover: none) and (pointer: coarse)').matches) this.list.focus();
    else this.search.focus();
    try {
      this.#groups = await loadEmoji();
      this.#draw();
    } catch {
      this.name.textContent = 'The emoji cannot be loaded now.';
    }
  }

  /**
   * Above what opened it if there is room, else below; wide screens only, elsewhere it is a sheet.
   * @param {number} top @param {number} bottom @param {number} right
   */
  #place(top, bottom, right) {
    const { offsetWidth: width, offsetHeight: height, style } = this.root;
    const gap = 4;
    const y = top - height - gap > 0 ? top - height - gap : Math.min(bottom + gap, innerHeight - height - gap);
    style.setProperty('--x', `${Math.max(gap, Math.min(right - width, innerWidth - width - gap))}px`);
    style.setProperty('--y', `${Math.max(gap, y)}px`);
  }

  #draw() {
    const query = this.search.value.trim();
    const { store, key } = this.host;
    const all = new Map(this.#groups.flatMap((group) => group.emoji).map((one) => [one.emoji, one]));
    const recent = recentEmoji(store, key).map((emoji) => all.get(emoji) ?? { emoji, codes: [''] });
    const groups = query
      ? [{ name: 'Found', emoji: findEmoji(this.#groups, query) }]
      : [{ name: 'Recent', emoji: recent }, ...this.#groups];
    let n = 0;
    this.list.replaceChildren(...groups.filter((group) => group.emoji.length > 0).map((group) => {
      const box = document.createElement('div');
      box.className = 'picker__group';
      box.setAttribute('role', 'group');
      box.setAttribute('aria-label', group.name);
      const title = document.createElement('p');
      title.className = 'picker__title';
      title.setAttribute('aria-hidden', 'true');
      title.textContent = group.name;
      box.append(title, ...group.emoji.map(({ emoji, codes }) => {
        const option = document.createElement('span');
        option.className = 'picker__emoji';
        option.id = `picker-${n++}`;
        option.setAttribute('role', 'option');
        option.setAttribute('aria-label', codes[0].replaceAll('_', ' ') || emoji);
        option.dataset.emoji = emoji;
        option.dataset.code = codes[0];
        option.textContent = emoji;
        return option;
      }));
      return box;
    }));
    this.list.scrollTop = 0;
    this.#choose(this.list.querySelector('.picker__emoji'));
    if (n === 0) this.name.textContent = 'No emoji has this name.';
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const { key } = event;
    if (key === 'Enter') this.#pick(this.#chosen);
    else if (key === 'ArrowRight' || key === 'ArrowLeft') this.#step(key === 'ArrowRight' ? 1 : -1);
    else if (key === 'ArrowDown' || key === 'ArrowUp') this.#row(key === 'ArrowDown' ? 1 : -1);
    else return;
    event.preventDefault();
  }

  #all() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll('.picker__emoji')]);
  }

  /** @param {number} by */
  #step(by) {
    const all = this.#all();
    this.#choose(all[all.indexOf(/** @type {HTMLElement} */ (this.#chosen)) + by] ?? this.#chosen);
  }

  /**
   * To the nearest of the next row.
   * @param {number} way
   */
  #row(way) {
    const from = this.#chosen;
    if (!from) return;
    const ahead = this.#all().filter((node) => (node.offsetTop - from.offsetTop) * way > 0);
    const row = ahead[way > 0 ? 0 : ahead.length - 1]?.offsetTop;
    const next = ahead.filter((node) => node.offsetTop === row);
    next.sort((a, b) => Math.abs(a.offsetLeft - from.offsetLeft) - Math.abs(b.offsetLeft - from.offsetLeft));
    this.#choose(next[0] ?? from);
  }

  /** @param {Event} event @returns {HTMLElement | null} */
  #at(event) {
    return /** @type {Element} */ (event.target).closest('.picker__emoji');
  }

  /** @param {HTMLElement | null} node */
  #choose(node) {
    if (node === this.#chosen && node?.isConnected) return;
    this.#chosen?.setAttribute('aria-selected', 'false');
    this.#chosen = node;
    if (!node) return this.search.removeAttribute('aria-activedescendant');
    node.setAttribute('aria-selected', 'true');
    node.scrollIntoView({ block: 'nearest' });
    this.search.setAttribute('aria-activedescendant', node.id);
    this.name.textContent = node.dataset.code ? `:${node.dataset.code}:` : '';
  }

  /** @param {HTMLElement | null} node */
  #pick(node) {
    const emoji = node?.dataset.emoji;
    if (!emoji) return;
    chose(this.host.store, this.host.key, emoji);
    this.root.hidePopover();
    this.#opener?.focus({ preventScroll: true });
    this.#onPick(emoji);
  }
}
