/** @import {Config, Message, Pending, Refusal, RoomView, User} from './types.js' */
/** @import {MessageList} from './messages.js' */
/** @import {MessageWindow} from './window.js' */
/** @import {Outbox} from './outbox.js' */
/** @import {Quotes} from './quotes.js' */
/** @import {Store} from './storage.js' */
import { Composer } from './composer.js';
import { element } from './config.js';
import { draftKey, replyKey } from './storage.js';

/**
 * Everything one writes with: the box, what it answers, completion, the pace, and editing in place.
 * @param {object} parts
 * @param {Config} parts.config
 * @param {Store} parts.store
 * @param {MessageWindow} parts.window
 * @param {MessageList} parts.list
 * @param {Outbox} parts.outbox
 * @param {Quotes} parts.quotes
 * @param {(event: string, body: object) => Promise<any>} parts.request adds the room
 * @param {(message: Message) => void} parts.onChanged
 * @param {(writing: boolean) => void} parts.onWriting
 * @param {() => void} parts.toLatest
 * @param {(words: string) => void} parts.speak to those who listen
 */
export function writing({ config, store, window, list, outbox, quotes, request, onChanged, onWriting, toLatest, speak }) {
  const { room, user } = config;
  let { slowMode } = config;
  let editWindow = 0;
  // What only some need on a visit comes when it is needed.
  /** @type {import('./suggest.js').Suggestions | undefined} */
  let suggestions;
  /** @type {import('./editing.js').Editing | undefined} */
  let editing;
  /** @type {import('./pace.js').Pace | undefined} */
  let pace;
  /** @type {import('./reply.js').ReplyLine | undefined} */
  let replyLine;
  /** seq of the message that is answered, 0 for none; kept with the draft */
  let replyTo = 0;

  const composer = new Composer({
    form: /** @type {HTMLFormElement} */ (element('composer')),
    store,
    draftKey: draftKey(user.id, room),
    limit: config.textLength,
    onSend: (text) => {
      list.dividerAfter = 0;
      outbox.add(text, replyTo || undefined);
      setReply(0);
      toLatest();
    },
    onWriting,
    onEditLast: () => {
      const own = window.messages.findLast((m) => m.author.id === user.id && !m.deletedAt);
      if (own) edit(own);
    },
    onEscape: () => (replyTo ? setReply(0) : toLatest()),
    onKey: (event) => suggestions?.key(event) ?? false,
  });

  /** @param {number} seq */
  async function setReply(seq) {
    const key = replyKey(user.id, room);
    replyTo = seq;
    if (seq) store.set(key, String(seq));
    else store.remove(key);
    if (!seq && !replyLine) return;
    const { ReplyLine } = await import('./reply.js');
    replyLine ??= new ReplyLine({
      quotes,
      onClose: () => {
        setReply(0);
        composer.focus();
      },
    });
    replyLine.draw(replyTo);
  }

  async function editor() {
    const { Editing } = await import('./editing.js');
    return editing ??= new Editing({
      template: /** @type {HTMLTemplateElement} */ (element('edit-template')),
      limit: config.textLength,
      request,
      onChanged,
      onTrouble: (words) => composer.say(words, 'danger'),
      onClosed: (row) => (row?.isConnected ? row.focus({ preventScroll: true }) : composer.focus()),
    });
  }

  /** @param {Message} message */
  async function edit(message) {
    const row = list.row(message.seq);
    const age = (Date.now() - Date.parse(message.sentAt)) / 1000;
    if (editWindow && age > editWindow) composer.say(`Messages can be edited for ${Math.round(editWindow / 60)} minutes.`);
    else if (row) (await editor()).start(row, message);
  }

  /** @param {number} ms until the next message may be sent */
  async function wait(ms) {
    if (ms <= 0) return;
    const { Pace } = await import('./pace.js');
    pace ??= new Pace((seconds) => composer.setWait(seconds));
    pace.wait(ms);
  }

  async function suggest() {
    const { text } = composer;
    if (!suggestions) {
      if (!/[@:]/u.test(text.value)) return;
      const { Suggestions } = await import('./suggest.js');
      suggestions ??= new Suggestions({
        box: text,
        list: element('suggestions'),
        people: async (query) => {
          const { users = [] } = await request('user:find', { query });
          return /** @type {User[]} */ (users).filter(({ id }) => id !== user.id);
        },
        emoji: async () => (await import('./emoji.js')).loadEmoji(),
        say: speak,
      });
    }
    suggestions.update();
  }
  // What an input method has not finished is no word yet.
  composer.text.addEventListener('input', (event) => {
    if (!(event instanceof InputEvent && event.isComposing)) suggest();
  });
  composer.text.addEventListener('compositionend', suggest);

  // Asked for with the page, or left with the draft.
  setReply(Number(new FormData(composer.host.form).get('replyTo')) || Number(store.get(replyKey(user.id, room))) || 0);

  return {
    composer,
    edit,
    wait,
    /** @param {Message} message */
    remove: async (message) => (await editor()).remove(message),
    stopEditing: () => editing?.close(),
    /** @param {number} seq of the message to be answered */
    answer(seq) {
      editing?.close();
      composer.focus();
      return setReply(seq);
    },
    /**
     * The server did not take a message: its author gets it back.
     * @param {Pending} entry
     * @param {Refusal} refusal
     */
    giveBack(entry, refusal) {
      if (entry.replyTo && !replyTo && composer.empty) setReply(entry.replyTo);
      composer.giveBack(entry.text, `Not sent. ${refusal.message}`);
    },
    /** @param {Message} message of the reader's own, that has just arrived */
    sent(message) {
      if (slowMode && user.role === 'member') wait(slowMode * 1000 - Math.max(0, Date.now() - Date.parse(message.sentAt)));
    },
    /** @param {Partial<RoomView>} view */
    setRoom({ frozen, slowMode: seconds }) {
      if (frozen !== undefined) composer.setFrozen(frozen && user.role === 'member');
      if (seconds === undefined) return;
      slowMode = seconds;
      if (!slowMode) pace?.end();
    },
    /** @param {{editWindow?: number}} limits of hello */
    setLimits(limits) {
      editWindow = limits.editWindow ?? 0;
    },
    /** To be called when the list changed. */
    refresh() {
      if (editing?.seq && (!list.row(editing.seq) || window.get(editing.seq)?.deletedAt)) editing.close();
      replyLine?.draw(replyTo);
    },
  };
}

/** @typedef {ReturnType<typeof writing>} Writing */
