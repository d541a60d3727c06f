/** @import {Config, Message, Pending, Refusal, RoomView, Sanction, User} from './types.js' */
/** @import {MessageList} from './messages.js' */
/** @import {MessageWindow} from './window.js' */
/** @import {Outbox} from './outbox.js' */
/** @import {Quotes} from './quotes.js' */
/** @import {Store} from './storage.js' */
/** @import {Clockwork} from './time.js' */
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
 * @param {Clockwork} parts.time
 */
export function writing({ config, store, window, list, outbox, quotes, request, onChanged, onWriting, toLatest, speak, time }) {
  const { room, user } = config;
  const free = user.role !== 'member'; // of what holds back members
  let { slowMode, frozen } = config;
  /** @type {Sanction | undefined} the latest that is known */
  let mute;
  let muted = Boolean(config.mute);
  let editWindow = 0;
  // What only some need on a visit comes when it is needed.
  /** @type {import('./suggest.js').Suggestions | undefined} */
  let suggestions;
  /** @type {import('./editing.js').Editing | undefined} */
  let editing;
  /** @type {import('./pace.js').Pace | undefined} */
  let pace;
  /** @type {import('./mute.js').Mute | undefined} */
  let muting;
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
      const own = lastOwn();
      if (own) edit(own);
    },
    onEscape: () => (replyTo ? setReply(0) : toLatest()),
    onKey: (event) => suggestions?.key(event) ?? false,
  });

  const lastOwn = () => window.messages.findLast((m) => m.author.id === user.id && !m.deletedAt);

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
      confirmed: async ({ text }) => (await import('./dialog.js')).confirmed({
        title: 'Delete this message?',
        text: 'It disappears for everybody. A note that it was here stays.',
        quote: text,
        yes: 'Delete',
      }),
      onClosed: (row) => (row?.isConnected ? row.focus({ preventScroll: true }) : composer.focus()),
      onLost: (text, words, focus) => composer.receive(text, words, focus),
    });
  }

  /** @param {Message} message */
  async function edit(message) {
    const row = list.row(message.seq);
    const age = (time.now() - Date.parse(message.sentAt)) / 1000;
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

  /** @param {Message | undefined} message of the reader's own: slow mode counts from it */
  function waitFrom(message) {
    if (slowMode && !free && message) wait(slowMode * 1000 - Math.max(0, time.now() - Date.parse(message.sentAt)));
  }

  /** @param {number} seconds between two messages of a member */
  async function setSlow(seconds) {
    if (seconds === slowMode) return;
    slowMode = seconds;
    const { pauseWords } = await import('./pace.js');
    element('slow-every').textContent = pauseWords(seconds);
    pace?.atMost(seconds * 1000);
    waitFrom(lastOwn());
    gate();
  }

  /** @param {Sanction | undefined} sanction that is in force, or was lifted */
  async function setMute(sanction) {
    if (!sanction && !mute) return;
    mute = sanction;
    const { Mute } = await import('./mute.js');
    muting ??= new Mute({
      time,
      onChange: (words) => {
        if (words) element('muted-words').textContent = words;
        if (words !== '' || muted) speak(words || 'You are no longer muted.');
        muted = words !== '';
        gate();
      },
    });
    muting.set(mute);
  }

  /** Shows whether one may write, and why not. What keeps one from it hides what asks for it. */
  function gate() {
    const closed = muted ? 'muted' : frozen && !free ? 'frozen' : '';
    const { dataset } = element('chat');
    const focused = composer.host.form.contains(document.activeElement);
    element('muted').hidden = !muted;
    element('frozen').hidden = !frozen;
    element('slow').hidden = !slowMode || free || closed !== '';
    if ((dataset.closed ?? '') === closed) return;
    if (closed) dataset.closed = closed;
    else delete dataset.closed;
    composer.setClosed(closed !== '');
    if (focused) (closed ? element(closed) : composer).focus();
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

  setMute(config.mute);
  wait(config.wait * 1000);

  // Asked for with the page, or left with the draft.
  setReply(Number(new FormData(composer.host.form).get('replyTo')) || Number(store.get(replyKey(user.id, room))) || 0);

  return {
    composer,
    edit,
    wait,
    /** @param {Message} message */
    remove: async (message) => (await editor()).remove(message),
    stopEditing: () => editing?.lose(),
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
      composer.giveBack(entry.text, refusal.code === 'muted' ? 'Not sent. What you wrote is kept.' : `Not sent. ${refusal.message}`);
    },
    setMute,
    sent: waitFrom,
    /** @param {Partial<RoomView>} view */
    setRoom(view) {
      const now = view.frozen ?? frozen;
      if (now !== frozen && !muted) speak(now ? element('frozen').innerText : 'This room is no longer frozen.');
      frozen = now;
      gate();
      setSlow(view.slowMode ?? slowMode);
      if (!free) wait((view.wait ?? 0) * 1000);
    },
    /** @param {{editWindow?: number}} limits of hello */
    setLimits(limits) {
      editWindow = limits.editWindow ?? 0;
    },
    /** To be called when the list changed. */
    refresh() {
      if (editing?.seq && (!list.row(editing.seq) || window.get(editing.seq)?.deletedAt)) editing.lose();
      replyLine?.draw(replyTo);
    },
  };
}

/** @typedef {ReturnType<typeof writing>} Writing */
