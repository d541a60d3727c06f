/**
 * Walks the items of a queue with j and k or the arrows, and presses their buttons by number. The keys are heard while
 * an item or one of its buttons has the focus, and nowhere else: not while somebody types.
 * @param {HTMLElement} list
 */
export function queueKeys(list) {
  const items = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[data-report]')]);
  /** @param {HTMLElement} item */
  const buttons = (item) => /** @type {HTMLElement[]} */ ([...item.querySelectorAll('button[name="action"]')]);

  /** @param {HTMLElement} [item] */
  function choose(item) {
    for (const other of items()) other.tabIndex = other === item ? 0 : -1;
  }

  list.addEventListener('focusin', ({ target }) => {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-report]'));
    if (item) choose(item);
  });

  list.addEventListener('keydown', (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const item = /** @type {HTMLElement | null} */ (target.closest('[data-report]'));
    if (!item || event.altKey || event.ctrlKey || event.metaKey || target.closest('input, select, textarea')) return;
    if (/^[1-4]$/u.test(event.key)) {
      const button = buttons(item)[Number(event.key) - 1];
      if (!button) return;
      event.preventDefault();
      return button.click();
    }
    const all = items();
    const at = all.indexOf(item);
    const to = { j: at + 1, ArrowDown: at + 1, k: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[Math.min(Math.max(to, 0), all.length - 1)];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  });

  const keys = {
    /** To be called when the list changed. */
    refresh() {
      const all = items();
      for (const item of all) {
        buttons(item).forEach((button, i) => {
          button.title = `${button.textContent} (${i + 1})`;
          button.setAttribute('aria-keyshortcuts', String(i + 1));
        });
      }
      choose(all.find((item) => item.tabIndex === 0) ?? all[0]);
    },
  };
  keys.refresh();
  return keys;
}
