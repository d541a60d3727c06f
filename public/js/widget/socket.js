/** Sockets on the one connection of a page to a chat. */

/** Where the chat is: above the folder of this version. */
export const BASE = new URL('../../../', import.meta.url).href;

/** @type {Map<string, any>} those that a page asked for, by address and namespace */
const given = new Map();

/**
 * A Socket of the official client, not yet connected. Those of one chat share a connection.
 * @param {string} base address of the chat, with its last slash
 * @param {string} namespace
 */
export async function dial(base, namespace) {
  const { io } = await import(new URL('../socket.io.js', import.meta.url).href);
  const { origin, pathname } = new URL('socket.io/', base);
  return io(origin + namespace, { path: pathname, autoConnect: false, withCredentials: true, reconnectionDelay: 500, reconnectionDelayMax: 8000 });
}

/**
 * For a page with events of its own: a socket of a namespace that the host has defined, on the connection that the
 * elements of the page use, or that they will. The same one however often it is asked for.
 * @param {string} namespace "/forum"
 * @returns {Promise<any>} a Socket of the official client, which connects
 */
export function socket(namespace) {
  const found = given.get(namespace) ?? dial(BASE, namespace).then((made) => made.connect());
  given.set(namespace, found);
  return found;
}
