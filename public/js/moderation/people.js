/** @import {User} from '../types.js' */
import { outranks } from './choices.js';

/**
 * The people beside the conversation, for moderators: a click on one of them opens what can be done. The list is
 * drawn anew whenever somebody comes or goes; who has reached a button by keyboard stays there.
 * @param {object} parts
 * @param {HTMLElement} parts.list
 * @param {User} parts.me
 * @param {HTMLElement} parts.back what opens the list where it is a sheet
 * @param {(person: User, back: () => void) => unknown} parts.open back: puts the focus where it was, or else on what opens the list
 */
export function peopleActs({ list, me, back, open }) {
  /** @param {HTMLElement} row @returns {User} */
  const personOf = ({ dataset, children }) => ({
    id: dataset.user ?? '',
    name: children[1].textContent ?? '',
    role: /** @type {User['role']} */ (dataset.role),
  });
  const rows = () => /** @type {HTMLElement[]} */ ([...list.children]);
  /** @param {HTMLElement} row */
  const button = (row) => row.querySelector('button');

  let focused = '';
  list.addEventListener('focusin', (event) => {
    focused = /** @type {HTMLElement} */ (event.target).closest('li')?.dataset.user ?? '';
  });
  // Focus that goes elsewhere goes there by an event; that of what is taken out does not.
  list.addEventListener('focusout', (event) => { if (event.relatedTarget) focused = ''; });

  function mark() {
    for (const row of rows()) {
      const person = personOf(row);
      const act = button(row);
      if (!act) continue;
      act.hidden = !outranks(me, person);
      act.setAttribute('aria-label', `Moderate ${person.name}`);
      if (focused && person.id === focused && document.activeElement === document.body) act.focus({ preventScroll: true });
    }
  }
  new MutationObserver(mark).observe(list, { childList: true });
  mark();

  list.addEventListener('click', (event) => {
    const row = /** @type {Element} */ (event.target).closest('li');
    if (!row || button(row)?.hidden) return;
    const person = personOf(row);
    open(person, () => {
      const now = rows().find(({ dataset }) => dataset.user === person.id);
      const act = now && button(now);
      act?.focus();
      if (!act || document.activeElement !== act) back.focus();
    });
  });
}
