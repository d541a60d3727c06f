import { element } from './config.js';

/**
 * The way to a day, which without script is a page of its own.
 * @param {object} host
 * @param {(at: Date) => Promise<Date | null | undefined>} host.toDay shows what was sent then or next, and says when
 *   that was; null: nothing has been sent at all, undefined: it could not be had
 */
export function dayForm({ toDay }) {
  const form = /** @type {HTMLFormElement} */ (element('date'));
  const input = /** @type {HTMLInputElement} */ (element('date-day'));
  const words = element('date-words');
  form.addEventListener('toggle', () => { words.textContent = ''; });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const from = new Date(`${input.value}T00:00`);
    const until = new Date(from);
    until.setDate(until.getDate() + 1);
    const found = await toDay(from);
    if (found === undefined) words.textContent = 'That day cannot be loaded now. Try again when you are connected.';
    else if (found === null) words.textContent = 'Nothing has been written here yet.';
    else if (found < from) words.textContent = 'Nothing was written since. This is the last before it.';
    else if (found >= until) words.textContent = 'Nothing was written that day. This is what came next.';
    else form.hidePopover();
  });
}
