/** @import {User} from './types.js' */
import { hue, initials } from './text.js';

/**
 * Who is here: the list, the counts, and how the list is shown (beside the conversation, or as a sheet).
 */
export class Presence {
  /** @type {Map<string, User>} */
  #users = new Map();
  #count = 0;

  /**
   * @param {object} parts
   * @param {string} parts.me
   * @param {HTMLElement} parts.list
   * @param {HTMLElement} parts.more
   * @param {HTMLElement[]} parts.counts
   * @param {HTMLElement} parts.button
   * @param {HTMLTemplateElement} parts.template
   */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {{count: number, users?: User[]} | undefined} online of the answer to a join */
  reset(online) {
    this.#users = new Map((online?.users ?? []).map((user) => [user.id, user]));
    this.#count = online?.count ?? 0;
    this.#draw();
  }

  /** @param {{count: number, joined?: User[], left?: string[]}} change */
  change({ count, joined = [], left = [] }) {
    for (const user of joined) this.#users.set(user.id, user);
    for (const id of left) this.#users.delete(id);
    this.#count = count;
    this.#draw();
  }

  #draw() {
    const { me, list, more, counts, button, template } = this.parts;
    const users = [...this.#users.values()].sort((a, b) =>
      Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name));
    list.replaceChildren(...users.map((user) => {
      const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
      row.classList.add(`hue-${hue(user.id)}`);
      Object.assign(row.dataset, { user: user.id, role: user.role });
      const [avatar, name, mark] = row.children;
      avatar.textContent = initials(user.name);
      name.textContent = user.name;
      mark.textContent = [user.id === me ? 'you' : '', user.role && user.role !== 'member' ? user.role : ''].filter(Boolean).join(', ');
      return row;
    }));
    const others = this.#count - users.length;
    more.hidden = others <= 0;
    more.textContent = `and ${others} more`;
    for (const node of counts) node.textContent = this.#count ? String(this.#count) : '';
    button.setAttribute('aria-label', `People here: ${this.#count}`);
  }
}

/**
 * The button of the list: beside the conversation it hides and shows it (remembered), below 900 px
 * the browser opens it as a sheet.
 * @param {{button: HTMLElement, shell: HTMLElement, people: HTMLElement, store: import('./storage.js').Store}} parts
 */
export function peopleToggle({ button, shell, people, store }) {
  const key = 'roomline/people';
  const wide = matchMedia('(width >= 56.25em)');
  /** @param {boolean} alone */
  const show = (alone) => {
    shell.classList.toggle('is-alone', alone);
    if (wide.matches) button.setAttribute('aria-pressed', String(!alone));
    else button.removeAttribute('aria-pressed');
  };
  show(store.get(key) === 'hidden');
  button.addEventListener('click', (event) => {
    if (!wide.matches) return;
    event.preventDefault();
    const alone = !shell.classList.contains('is-alone');
    store.set(key, alone ? 'hidden' : 'shown');
    show(alone);
  });
  wide.addEventListener('change', () => {
    for (const sheet of [people, document.getElementById('rooms')]) {
      if (sheet?.matches(':popover-open')) sheet.hidePopover();
    }
    show(shell.classList.contains('is-alone'));
  });
}
