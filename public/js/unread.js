/** From this count on the server no longer tells how many there are. */
const MOST = 100;

/** @param {number} n */
const most = (n) => (n < MOST ? String(n) : '99+');

const WORDS = {
  /** @param {number} n */
  unread: (n) => `${most(n)} new · Jump to first unread`,
  /** @param {number} n */
  mentions: (n) => (n === 1 ? '1 mention above' : `${most(n)} mentions above`),
};

/**
 * The bar above the conversation while unread messages are above what is in view.
 * @param {object} parts
 * @param {HTMLElement} parts.bar
 * @param {HTMLElement} parts.unread the button to the first unread message
 * @param {HTMLElement} parts.mention the button to the first mention
 * @param {HTMLElement} parts.clear
 * @param {(seq: number) => void} parts.go
 * @param {() => void} parts.onClear
 * @param {typeof WORDS} [parts.words]
 */
export function unreadBar({ bar, unread, mention, clear, go, onClear, words = WORDS }) {
  let first = 0;
  let firstMention = 0;
  let reached = 0;
  // The last message that was read has the first unread one right below it.
  unread.addEventListener('click', () => go(first > reached ? first : reached));
  mention.addEventListener('click', () => go(firstMention));
  clear.addEventListener('click', onClear);
  return {
    /** @param {import('./types.js').RoomView} view as the join answered */
    joined(view) {
      first = view.firstUnread ?? 0;
      firstMention = view.firstMention ?? 0;
    },

    /** @param {{unread?: number, mentions?: number}} counts @param {number} read seq @param {{after: number} | null} view */
    show({ unread: n = 0, mentions = 0 }, read, view) {
      if (!view) return;
      reached = read;
      bar.hidden = n === 0 || reached >= view.after;
      if (bar.hidden) return;
      unread.textContent = words.unread(n);
      mention.hidden = mentions === 0 || firstMention <= reached || firstMention > view.after;
      mention.textContent = words.mentions(mentions);
    },
  };
}
