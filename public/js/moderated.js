/** @import {Config, Held, Joined, Pending, Sanction} from './types.js' */
/** @import {State} from './connection.js' */
/** @import {Store} from './storage.js' */
/** @import {MessageWindow} from './window.js' */
/** @import {Clockwork} from './time.js' */
import { heldPrefix } from './storage.js';

/**
 * What moderators decide about the reader: the messages of theirs that wait for review, mutes, a ban. Most
 * readers never meet any of it, so it is loaded when they do.
 * @param {object} parts
 * @param {Config} parts.config
 * @param {any} parts.socket
 * @param {Store} parts.store
 * @param {MessageWindow} parts.window
 * @param {HTMLElement} parts.root of the list
 * @param {Clockwork} parts.time
 * @param {(id: string) => void} parts.settle a message is not on its way any more
 * @param {(sanction: Sanction) => void} parts.onMute
 * @param {() => void} parts.onChange
 * @param {(words: string) => void} parts.speak to those who listen
 */
export function moderated({ config: { room, user }, socket, store, window, root, time, settle, onMute, onChange, speak }) {
  /** @type {import('./review.js').Review | undefined} */
  let review;
  /** @type {Sanction | undefined} */
  let ban;

  async function reviewed() {
    const { Review } = await import('./review.js');
    return review ??= new Review({
      store,
      user: user.id,
      room,
      posted: (id) => window.messages.some((message) => message.id === id && message.author.id === user.id),
      settle,
      onChange,
      speak,
    });
  }
  socket.on('held', async (/** @type {Held} */ held) => (await reviewed()).heard(held));
  socket.on('sanction', (/** @type {Sanction} */ sanction) => {
    if (sanction.kind === 'ban') ban = sanction;
    else onMute(sanction);
  });

  return {
    /** @returns {Pending[]} what is not in the room yet, or never will be */
    get entries() {
      return review?.entries ?? [];
    },
    /** @param {string} id of a message that has its place in the room, or that its author does not want to see any more */
    settle: (id) => review?.settle(id),
    /** @param {Held} held instead of a message @param {Pending} entry that was sent */
    held: async (held, entry) => (await reviewed()).add(held, entry.replyTo),
    /** The room was joined. @param {Joined} joined */
    async joined({ held = [], reset }) {
      const plain = root.querySelectorAll('[data-held]:not(:has(button))'); // as the server drew them
      if (!held.length && !plain.length && !store.keys(heldPrefix(user.id, room)).length) return;
      (await reviewed()).joined(held, Boolean(reset));
      plain.forEach((row) => row.remove());
    },
    /** @param {State} state of one who may not come back @returns {Promise<State>} with what there is to say about it */
    async refused(state) {
      const words = ban && state.reason === 'banned' && await import('./mute.js').then(
        ({ sanctionWords }) => sanctionWords(/** @type {Sanction} */ (ban), time, new Date(time.now())),
        () => '', // then it is said without the reason
      );
      return words ? { ...state, words } : state;
    },
  };
}
