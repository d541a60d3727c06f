/**
 * Counts in the title what arrived while nobody was looking.
 * @param {Document} page
 */
export function titleBadge(page) {
  const title = page.title;
  let count = 0;
  const show = () => { page.title = count ? `(${count}) ${title}` : title; };
  page.addEventListener('visibilitychange', () => {
    if (page.hidden) return;
    count = 0;
    show();
  });
  return {
    /** @param {number} [n] messages */
    add(n = 1) {
      if (!page.hidden || n === 0) return;
      count += n;
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
