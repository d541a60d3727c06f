/**
 * Walks the rows with the keyboard: one row is in the tab order, the arrows move it, Tab enters its actions.
 * @param {HTMLElement} list
 * @param {() => void} leave Escape on a row
 */
export function rowKeys(list, leave) {
  const rows = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll('.message[id]')]);
  /** @type {HTMLElement | null} */
  let current = null;

  /** What is in a row is in the tab order while the row is. */
  const reach = () => {
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('.quote, .reaction, .card :is(a, button)'))) {
      node.tabIndex = current?.contains(node) ? 0 : -1;
    }
  };

  /** @param {HTMLElement | undefined} row */
  const choose = (row) => {
    if (!row || row === current) return;
    if (current) current.tabIndex = -1;
    row.tabIndex = 0;
    current = row;
    reach();
  };

  list.addEventListener('focusin', (event) => {
    choose(/** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('.message[id]')) ?? undefined);
  });

  list.addEventListener('keydown', (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest('.editor')) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      return leave();
    }
    const row = target.closest('.message[id]');
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = rows();
    const at = all.indexOf(/** @type {HTMLElement} */ (row));
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= all.length) return leave();
    const next = all[Math.max(to, 0)];
    choose(next);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  });

  return {
    /** To be called when the list changed: the newest row is the way in, unless another is focused. */
    refresh() {
      reach();
      if (current?.isConnected && current.contains(/** @type {Document | ShadowRoot} */ (list.getRootNode()).activeElement)) return;
      const all = rows();
      choose(all[all.length - 1]);
    },
  };
}
