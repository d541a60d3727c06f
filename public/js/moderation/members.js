/** @import {GetPage} from './page.js' */
import { counted } from './words.js';

/** Who types a name means one thing by several keys, ms. */
const PAUSE = 250;
/** What the page says below the form. */
const FOUND = '.roll, .mod__empty, .field__error, .mod__pages';

/**
 * Finds members while their name is typed.
 * @param {{form: HTMLFormElement, say: (words: string) => void, getPage: GetPage}} host
 */
export function findMembers({ form, say, getPage }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let turn = new AbortController();
  const main = /** @type {HTMLElement} */ (form.closest('main'));

  async function find() {
    clearTimeout(timer);
    turn.abort();
    turn = new AbortController();
    const { signal } = turn;
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) asked.set(name, String(value));
    const path = `${form.action}${asked.size ? `?${asked}` : ''}`;
    const page = await getPage(path, signal);
    if (signal.aborted || !page) return;
    for (const old of main.querySelectorAll(FOUND)) old.remove();
    form.after(...page.querySelectorAll(FOUND));
    history.replaceState(null, '', path);
    const n = main.querySelectorAll('.roll__row').length;
    say(main.querySelector('.mod__older') ? `More than ${counted(n, 'member')}` : counted(n, 'member'));
  }

  form.addEventListener('input', ({ target }) => {
    clearTimeout(timer);
    timer = setTimeout(find, /** @type {HTMLInputElement} */ (target).type === 'checkbox' ? 0 : PAUSE);
  });
}
