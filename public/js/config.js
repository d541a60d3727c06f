/** @import {Config, Role} from './types.js' */

/**
 * Reads what the server wrote on the chat's root element.
 * @param {HTMLElement} root
 * @returns {Config}
 */
export function readConfig(root) {
  const d = /** @type {Record<string, string>} */ (root.dataset);
  return {
    namespace: d.namespace,
    socketPath: d.socketPath,
    roomPath: d.roomPath,
    room: d.room,
    roomName: d.roomName,
    epoch: d.epoch,
    head: Number(d.head),
    lastRead: Number(d.lastRead),
    user: { id: d.userId, name: d.userName, role: /** @type {Role} */ (d.userRole) },
    textLength: Number(d.textLength),
    slowMode: Number(d.slowMode),
    wait: Number(d.wait),
    frozen: d.frozen === 'true',
    mute: d.mutedUntil ? { kind: 'mute', until: d.mutedUntil === 'open' ? '' : d.mutedUntil, reason: d.muteReason } : undefined,
    hasOlder: d.hasOlder === 'true',
    hasNewer: d.hasNewer === 'true',
    focus: Number(d.focus),
  };
}

/**
 * An element of the page that the templates promise.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
