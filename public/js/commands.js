/** @import {Config, Message, Pending} from './types.js' */
/** @import {Connection} from './connection.js' */
/** @import {MessageWindow} from './window.js' */
/** @import {Outbox} from './outbox.js' */
/** @import {places} from './history.js' */
/** @import {Store} from './storage.js' */
/** @import {Writing} from './writing.js' */
import { copy, rowActions } from './actions.js';
import { emojiKey } from './storage.js';

/**
 * What can be done with the rows of the list.
 * @param {object} parts
 * @param {HTMLElement} parts.root of the list
 * @param {Config} parts.config
 * @param {Connection} parts.connection
 * @param {() => void} parts.signIn
 * @param {ReturnType<typeof places>} parts.place
 * @param {MessageWindow} parts.window
 * @param {Outbox} parts.outbox
 * @param {() => Pending[]} parts.pending what is not in the room yet
 * @param {(id: string) => void} parts.dismiss what was not approved
 * @param {(event: string, body: object) => Promise<any>} parts.request adds the room
 * @param {(message: Message, emoji: string) => Promise<void>} parts.react
 * @param {Store} parts.store
 * @param {Writing} parts.writing
 * @param {Record<string, (message: Message, control: HTMLElement) => unknown>} [parts.more] what moderators can do
 */
export function rowCommands({ root, config, connection, signIn, place, window, outbox, pending, dismiss, request, react, store, writing, more }) {
  const key = emojiKey(config.user.id);
  /** @param {string} words */
  const say = (words) => writing.composer.say(words);

  /** @type {import('./picker.js').Picker | undefined} */
  let picker;
  /** @param {Message} message @param {HTMLElement} opener */
  async function pick(message, opener) {
    const { Picker } = await import('./picker.js');
    picker ??= new Picker({ store, key });
    await picker.open(opener, (emoji) => attempt(() => react(message, emoji)));
  }

  /** @param {number} seq */
  async function show(seq) {
    if (!(await place.toMessage(seq))) say('The message cannot be loaded now. Try again when you are connected.');
  }

  /** @type {Record<string, (message: Message, control: HTMLElement) => unknown>} */
  const ofMessage = {
    pick,
    react: (message, control) => react(message, /** @type {HTMLButtonElement} */ (control).value),
    reply: ({ seq }) => writing.answer(seq),
    quoted: (_, control) => show(Number(control.dataset.seq)),
    copy: (message) => copy(message.text ?? '', 'Text copied.', say),
    link: ({ seq }) => copy(new URL(`${config.roomPath}/${seq}#m${seq}`, location.href).href, 'Link copied.', say),
    edit: writing.edit,
    delete: writing.remove,
    report: async (message, control) => (await import('./report.js')).openReport(message, {
      request,
      onDone: () => say('Thank you. The moderators have been told.'),
      onClosed: () => (/** @type {HTMLElement | null} */ (control.closest('.message')) ?? writing.composer).focus(),
    }),
    ...more,
  };
  /** @type {Record<string, (id: string, control: HTMLElement) => unknown>} */
  const ofPending = {
    retry: () => {
      if (connection.state.name === 'ended') signIn();
      else if (connection.state.name === 'live') outbox.retry();
      else connection.retry();
    },
    drop: (id) => outbox.settle(id),
    dismiss,
    quoted: (_, control) => show(Number(control.dataset.seq)),
    'copy-pending': (id) => copy(pending().find((entry) => entry.id === id)?.text ?? '', 'Text copied.', say),
  };

  /** @param {HTMLElement} row */
  const messageOf = (row) => window.get(Number(row.id.slice(1)));

  /** @param {() => unknown} act may need what is not loaded yet */
  async function attempt(act) {
    try {
      await act();
    } catch (error) {
      say('This cannot be loaded now. Try again when you are connected.');
      throw error;
    }
  }

  rowActions(root, {
    act(action, row, control) {
      const { pending } = row.dataset;
      const message = messageOf(row);
      if (pending) attempt(() => ofPending[action]?.(pending, control));
      else if (message) attempt(() => ofMessage[action]?.(message, control));
    },
    hold: (row) => attempt(async () => {
      const message = messageOf(row);
      const { openSheet } = await import('./sheet.js');
      if (message) openSheet(row, { store, key, react: (emoji) => attempt(() => react(message, emoji)) });
    }),
  });
}
