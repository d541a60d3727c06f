/**
 * Shows in the title and the icon of the page how much waits for its reader.
 * @param {Document} page
 */
export function titleBadge(page) {
  let title = page.title;
  let count = 0;
  const icon = /** @type {HTMLLinkElement | null} */ (page.querySelector('link[rel="icon"]'));
  const plain = icon?.href ?? '';
  const show = () => { page.title = count ? `(${count > 99 ? '99+' : count}) ${title}` : title; };
  return {
    /** @param {number} n */
    count(n) {
      if (n === count) return;
      if (icon && Boolean(n) !== Boolean(count)) icon.href = n ? icon.dataset.marked ?? plain : plain;
      count = n;
      show();
    },
    /** @param {string} name of the room */
    rename(name) {
      title = `${name} · roomline`;
      show();
    },
  };
}

/**
 * Calls back when the page is looked at again.
 * @param {(away: number) => void} back with how long it was hidden, ms
 */
export function onReturn(back) {
  let hiddenAt = 0;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hiddenAt = Date.now();
    else back(Date.now() - hiddenAt);
  });
}
