/** @param {number} arrived */
const latest = (arrived) => (arrived ? `Latest · ${arrived} new` : 'Jump to latest');

/**
 * The way back to the room's end, with the number of what arrived meanwhile.
 * @param {HTMLElement} button
 * @param {HTMLElement} words
 * @param {() => void} go
 * @param {(arrived: number) => string} [text]
 */
export function jumpButton(button, words, go, text = latest) {
  let arrived = 0;
  button.addEventListener('click', go);
  const show = () => {
    words.textContent = text(arrived);
    button.toggleAttribute('data-new', arrived > 0);
  };
  return {
    /** @param {{atEnd: boolean, hasNewer: boolean}} view */
    update({ atEnd, hasNewer }) {
      const away = hasNewer || !atEnd;
      if (!away) arrived = 0;
      button.hidden = !away;
      show();
    },
    /** @param {number} n messages that the reader does not see */
    arrived(n) {
      arrived += n;
      show();
    },
  };
}
