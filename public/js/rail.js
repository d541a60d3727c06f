/**
 * The list of rooms at the side: how much is unread in each.
 * @param {HTMLElement} rail
 * @param {string} current slug of the room on the page: what is read there is read
 */
export function roomRail(rail, current) {
  return {
    /** @param {string} slug @param {number} unread */
    unread(slug, unread) {
      const room = rail.querySelector(`.rail__room[data-room="${CSS.escape(slug)}"]`);
      const badge = /** @type {HTMLElement | null | undefined} */ (room?.querySelector('.rail__unread'));
      if (!room || !badge) return;
      const n = slug === current ? 0 : unread;
      badge.hidden = n === 0;
      room.classList.toggle('is-unread', n > 0);
      /** @type {HTMLElement} */ (badge.querySelector('[data-count]')).textContent = n > 99 ? '99+' : String(n);
    },
  };
}
