/** @import {RoomView} from './types.js' */
import { element } from './config.js';

/**
 * Keeps what stands above the conversation as the room is now.
 * @param {{rename: (name: string) => void}} badge of the page's title
 */
export function roomHeader(badge) {
  let name = element('room-name').querySelector('[data-named]')?.textContent;
  return {
    /** @param {RoomView} view */
    show(view) {
      element('room-topic').textContent = view.topic ?? '';
      const notice = element('room-notice');
      notice.textContent = view.notice ?? '';
      notice.hidden = !view.notice;
      element('room-private').hidden = !view.private;
      if (view.name === name) return;
      name = view.name;
      for (const node of document.querySelectorAll('[data-named]')) node.textContent = name;
      /** @type {HTMLTextAreaElement} */ (element('composer-text')).placeholder = `Write to ${name}`;
      badge.rename(name);
    },
  };
}
