/** A press this long opens a row's actions, ms. */
const LONG = 450;

/**
 * Hears what is asked of rows: their buttons, and the long press of touch screens.
 * @param {HTMLElement} list
 * @param {object} host
 * @param {(action: string, row: HTMLElement, control: HTMLElement) => void} host.act action is the data-action of the control
 * @param {(row: HTMLElement) => void} host.hold
 */
export function rowActions(list, { act, hold }) {
  /** @param {Event} event */
  const handle = (event) => {
    const target = /** @type {Element} */ (event.target);
    const control = /** @type {HTMLElement | null} */ (target.closest('[data-action]'));
    const row = /** @type {HTMLElement | null} */ (target.closest('.message'));
    // A form with an action is heard when it is submitted, not when it is clicked.
    if (!control || !row || (control instanceof HTMLFormElement) !== (event.type === 'submit')) return;
    if (control.closest('.editor')) return;
    const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event);
    if (ctrlKey || metaKey || shiftKey) return; // a link opened elsewhere
    event.preventDefault();
    act(control.dataset.action ?? '', row, event instanceof SubmitEvent && event.submitter || control);
  };
  list.addEventListener('click', handle);
  list.addEventListener('submit', handle);

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let held = false;
  let from = { x: 0, y: 0 };

  // Before the tap's mouse events, in which a bar under the finger would take the click.
  list.addEventListener('pointerdown', (event) => {
    list.classList.remove('is-keyed');
    list.classList.toggle('is-touched', event.pointerType === 'touch');
  }, true);
  list.addEventListener('pointermove', (event) => { if (event.pointerType === 'mouse') list.classList.remove('is-touched'); });
  list.addEventListener('keydown', () => {
    list.classList.remove('is-touched');
    list.classList.add('is-keyed');
  });
  list.addEventListener('pointerdown', (event) => {
    held = false;
    clearTimeout(timer);
    if (event.pointerType !== 'touch') return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest('a, button, textarea')) return;
    const row = /** @type {HTMLElement | null} */ (target.closest('.message:not(.is-pending, .is-editing)'));
    from = { x: event.clientX, y: event.clientY };
    if (!row) return;
    timer = setTimeout(() => {
      held = true;
      hold(row);
    }, LONG);
  });
  list.addEventListener('pointermove', (event) => {
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > 10) clearTimeout(timer);
  });
  for (const end of ['pointerup', 'pointercancel']) list.addEventListener(end, () => clearTimeout(timer));
  // The finger that held a row must not press what has come up under it.
  list.addEventListener('touchend', (event) => {
    if (held && event.cancelable) event.preventDefault();
  });
  list.addEventListener('contextmenu', (event) => {
    if (held) event.preventDefault();
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
