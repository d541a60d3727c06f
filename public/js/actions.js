/** A press this long opens a row's actions, ms. */
const LONG = 450;

/**
 * Hears what is asked of rows: their buttons, and the long press that shows them on touch screens.
 * @param {HTMLElement} list
 * @param {(action: string, row: HTMLElement) => void} act action is the data-action of the button
 */
export function rowActions(list, act) {
  /** @param {Event} event */
  const handle = (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest('[data-action]'));
    const row = /** @type {HTMLElement | null} */ (target.closest('.message'));
    // A form with an action is heard when it is submitted, not when it is clicked.
    if (!button || !row || (button instanceof HTMLFormElement) !== (event.type === 'submit')) return;
    if (button.closest('.editor')) return;
    event.preventDefault();
    release();
    act(button.dataset.action ?? '', row);
  };
  list.addEventListener('click', handle);
  list.addEventListener('submit', handle);

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let from = { x: 0, y: 0 };
  const release = () => list.querySelector('.is-held')?.classList.remove('is-held');

  list.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'touch') return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest('a, button, textarea')) return;
    release();
    const row = target.closest('.message:not(.is-pending, .is-editing)');
    from = { x: event.clientX, y: event.clientY };
    if (row) timer = setTimeout(() => row.classList.add('is-held'), LONG);
  });
  list.addEventListener('pointermove', (event) => {
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > 10) clearTimeout(timer);
  });
  for (const end of ['pointerup', 'pointercancel']) list.addEventListener(end, () => clearTimeout(timer));
  list.addEventListener('contextmenu', (event) => {
    if (list.querySelector('.is-held')) event.preventDefault();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!list.contains(/** @type {Node} */ (event.target))) release();
  });
}

/**
 * Puts a text on the clipboard and says so.
 * @param {string} text
 * @param {string} done what to say
 * @param {(words: string) => void} say
 */
export async function copy(text, done, say) {
  try {
    await navigator.clipboard.writeText(text);
    say(done);
  } catch {
    say('Your browser did not allow copying.');
  }
}
