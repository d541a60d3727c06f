/** @import {Store} from './storage.js' */
import { element } from './config.js';
import { recentEmoji } from './emoji.js';

const EMOJI_AT_ONCE = 6;

/**
 * The actions of a row on a touch screen: a sheet with those of its bar, the emoji last used, and who reacted.
 * @param {HTMLElement} row
 * @param {{store: Store, key: string, react: (emoji: string) => void}} host key of the recent emoji
 */
export function openSheet(row, { store, key, react }) {
  const sheet = /** @type {HTMLDialogElement} */ (element('sheet'));
  const emoji = element('sheet-emoji');
  const list = element('sheet-list');
  const actions = /** @type {HTMLElement[]} */ ([...row.querySelectorAll('.actions [data-action]')])
    .filter((action) => getComputedStyle(action).display !== 'none'); // what one may not do now

  /** @param {string} className @param {() => void} act */
  const button = (className, act) => {
    const node = document.createElement('button');
    node.type = 'button';
    node.className = className;
    node.addEventListener('click', () => {
      sheet.close();
      act();
    });
    return node;
  };

  const canReact = actions.some((action) => action.dataset.action === 'pick');
  emoji.hidden = !canReact;
  emoji.replaceChildren(...recentEmoji(store, key).slice(0, EMOJI_AT_ONCE).map((one) => {
    const node = button('menu-sheet__emoji', () => react(one));
    node.textContent = one;
    node.setAttribute('aria-label', `React with ${one}`);
    return node;
  }));
  // Who reacted is a tooltip where there is a pointer.
  element('sheet-who').replaceChildren(...[...row.querySelectorAll('.reaction[type="submit"]')].map((reaction) => {
    const node = document.createElement('li');
    node.textContent = /** @type {HTMLElement} */ (reaction).title;
    return node;
  }));
  list.replaceChildren(...actions.map((action) => {
    const control = action instanceof HTMLFormElement ? /** @type {HTMLElement} */ (action.querySelector('button')) : action;
    const node = button('menu-sheet__action', () => control.click());
    node.classList.toggle('is-danger', control.classList.contains('icon-button--danger'));
    node.append(/** @type {Element} */ (control.querySelector('.icon')).cloneNode(true), control.title);
    return node;
  }));
  row.classList.add('is-held');
  sheet.addEventListener('close', () => row.classList.remove('is-held'), { once: true });
  sheet.onclick = (event) => { if (event.target === sheet) sheet.close(); };
  sheet.showModal();
  sheet.focus(); // not its first button: a ring would look like a choice
}
