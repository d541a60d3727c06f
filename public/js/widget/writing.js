/** @import {Message, Pending, Refusal, RoomView, Sanction} from '../types.js' */
/** @import {RoomPane} from './room.js' */
import { Composer } from '../composer.js';
import { Mute } from '../mute.js';
import { Pace } from '../pace.js';
import { draftKey, replyKey } from '../storage.js';
import { line } from '../text.js';
import { make } from './markup.js';
import { isolated, pause, remaining } from './strings.js';

/**
 * Everything one writes with in a pane, and what keeps one from it.
 */
export class Writing {
  // What is loaded when it is needed.
  /** @type {import('../editing.js').Editing | undefined} */
  #editing;
  /** @type {import('../suggest.js').Suggestions | undefined} */
  #completion;
  #muted = '';
  /** @type {Partial<RoomView>} */
  #room = {};
  #replyTo = 0;
  #guest = false;
  #opened = false;

  /** @param {RoomPane} pane */
  constructor(pane) {
    const { dom, t, host: { hub, room } } = pane;
    this.pane = pane;
    this.key = replyKey(hub.me.id, room);
    this.composer = new Composer({
      form: dom.form,
      store: hub.drafts,
      draftKey: draftKey(hub.me.id, room),
      limit: 0,
      onSend: (text) => {
        pane.list.dividerAfter = 0;
        pane.talk.outbox.add(text, this.#replyTo || undefined);
        this.#reply(0);
        pane.toLatest();
      },
      onWriting: (on) => pane.typing.mine(on),
      onEditLast: () => {
        const own = this.#lastOwn();
        if (own) this.edit(own).catch(() => this.composer.say(t('notLoaded'), 'danger'));
      },
      onKey: (event) => this.#completion?.key(event) ?? false,
      onEscape: () => (this.#replyTo ? this.#reply(0) : pane.toLatest()),
      words: {
        send: (n) => (n ? t('sendIn', { wait: remaining(n, t) }) : t('send')),
        notYet: (n) => t('notYet', { wait: remaining(n, t) }),
        tooMany: (n) => t('tooMany', { n }),
        left: (n) => t('left', { n }),
        noFiles: t('noFiles'),
      },
    });
    this.pace = new Pace((seconds) => this.composer.setWait(seconds));
    this.mute = new Mute({
      time: pane.time,
      words: (sanction) => this.sanctionWords(sanction),
      onChange: (words) => {
        if (this.#opened && (words || this.#muted)) pane.speaker.say(words || t('unmuted'));
        this.#muted = words;
        this.#gate();
      },
    });
    // What an input method has not finished is no word yet.
    dom.text.addEventListener('input', (event) => {
      if (!(event instanceof InputEvent && event.isComposing)) this.#complete();
    });
    dom.text.addEventListener('compositionend', () => this.#complete());
    dom.replyClose.addEventListener('click', () => {
      this.#reply(0);
      this.focus();
    });
    this.setMute(hub.mute);
    this.#reply(Number(hub.drafts.get(this.key)) || 0);
  }

  focus() {
    const { closed, log, form } = this.pane.dom;
    if (form.hidden) log.focus();
    else if (!closed.hidden) closed.focus();
    else this.composer.focus();
  }

  /** The pane goes away. */
  close() {
    this.mute.set(undefined);
    this.pace.atMost(0);
  }

  /** @param {Message} message */
  async edit(message) {
    const { t, list, time, host: { hub: { limits } } } = this.pane;
    const age = (time.now() - Date.parse(message.sentAt)) / 1000;
    if (limits.editWindow && age > limits.editWindow) return this.composer.say(t('editOver', { n: Math.round(limits.editWindow / 60) }));
    const editor = await this.#editor();
    const row = list.row(message.seq);
    editor.host.limit = limits.textLength;
    if (row) editor.start(row, message);
  }

  /** @param {Message} message */
  async remove(message) {
    return (await this.#editor()).remove(message);
  }

  stopEditing() {
    this.#editing?.lose();
  }

  /** @param {number} seq of the message to be answered */
  answer(seq) {
    this.#editing?.close();
    this.composer.focus();
    this.#reply(seq);
  }

  /** @param {Pending} entry that the server did not take @param {Refusal} refusal */
  giveBack(entry, refusal) {
    const { t } = this.pane;
    if (entry.replyTo && !this.#replyTo && this.composer.empty) this.#reply(entry.replyTo);
    this.composer.giveBack(entry.text, refusal.code === 'muted' ? t('kept') : t('notSent', { why: this.pane.why(refusal) }));
  }

  /** @param {Message} message of the reader's own: slow mode counts from it */
  sent(message) {
    const { slowMode } = this.#room;
    if (slowMode && !this.#free) this.wait(slowMode * 1000 - Math.max(0, this.pane.time.now() - Date.parse(message.sentAt)));
  }

  /** @param {number} ms until the next message may be sent */
  wait(ms) {
    if (ms > 0) this.pace.wait(ms);
  }

  /** @param {RoomView} view */
  setRoom(view) {
    const { t, speaker, dom } = this.pane;
    if (this.#opened && Boolean(view.frozen) !== Boolean(this.#room.frozen) && !this.#muted) speaker.say(t(view.frozen ? this.#frozenKey : 'thawed'));
    const slower = this.#opened && view.slowMode !== this.#room.slowMode;
    this.#room = view;
    this.#opened = true;
    dom.slow.textContent = view.slowMode ? t('slow', { pause: pause(view.slowMode, t) }) : '';
    this.pace.atMost((view.slowMode ?? 0) * 1000);
    if (!this.#free) this.wait((view.wait ?? 0) * 1000);
    const own = slower && this.#lastOwn();
    if (own) this.sent(own);
    this.composer.host.limit = this.pane.host.hub.limits.textLength;
    this.#gate();
  }

  /** @param {Sanction | undefined} sanction */
  setMute(sanction) {
    this.mute.set(sanction);
  }

  /** @param {Sanction} sanction */
  sanctionWords({ kind, until, reason }) {
    const { t, time } = this.pane;
    const key = kind === 'ban' ? 'banned' : 'muted';
    const end = until ? new Date(until) : null;
    const day = end && time.heading(end);
    const when = end && (day === t('today') ? time.clock(end) : `${day}, ${time.clock(end)}`);
    const why = reason ? ` ${t('reason', { reason: isolated(reason) })}` : '';
    return (when ? t(`${key}Until`, { until: when }) : t(key)) + why;
  }

  /** @param {string} words why a visitor cannot write @param {string} href where they can sign in, '' for nowhere */
  closeTo(words, href) {
    const { closed } = this.pane.dom;
    this.#guest = true;
    closed.replaceChildren(href ? make('a', { href, className: 'text-button' }, words) : words);
    this.#gate();
  }

  /** To be called when the list changed. */
  refresh() {
    const { pane: { list, window } } = this;
    const { seq = 0 } = this.#editing ?? {};
    if (seq && (!list.row(seq) || window.get(seq)?.deletedAt)) this.stopEditing();
    if (this.#replyTo) this.#drawReply();
  }

  get #free() {
    return this.pane.me.role !== 'member';
  }

  get #frozenKey() {
    return this.#free ? 'frozenFree' : 'frozen';
  }

  #lastOwn() {
    return this.pane.window.messages.findLast((m) => m.author.id === this.pane.me.id && !m.deletedAt);
  }

  /** @param {number} seq of the message that is answered, 0 for none; it is kept with the draft */
  #reply(seq) {
    const { drafts } = this.pane.host.hub;
    this.#replyTo = seq;
    if (seq) drafts.set(this.key, String(seq));
    else drafts.remove(this.key);
    this.#drawReply();
  }

  #drawReply() {
    const { dom, quotes, t } = this.pane;
    const seq = this.#replyTo;
    const original = seq ? quotes.get(seq) : null;
    dom.reply.hidden = !seq || original === undefined;
    if (original === undefined) return quotes.want(seq);
    const there = original && !original.deletedAt ? original : null;
    dom.replyWho.textContent = there ? t('answering', { name: isolated(there.author.name) }) : '';
    dom.replyText.textContent = there ? line(there) : t('deleted');
  }

  async #complete() {
    if (!this.#completion) {
      if (!this.composer.text.value.includes('@')) return;
      const { completionIn } = await import('./completion.js');
      this.#completion ??= completionIn(this.pane);
    }
    this.#completion.update();
  }

  async #editor() {
    const { Editing } = await import('../editing.js');
    const { pane } = this;
    const { t } = pane;
    return this.#editing ??= new Editing({
      template: pane.templates.editor,
      limit: 0,
      request: async (event, body) => {
        const answer = await pane.talk.ask(event, body);
        return answer.ok ? answer : { ok: false, error: { message: pane.why(answer.error) } };
      },
      onChanged: (message) => pane.talk.show([message]),
      onTrouble: (words) => this.composer.say(words, 'danger'),
      onClosed: (row) => (row?.isConnected ? row.focus({ preventScroll: true }) : this.focus()),
      onLost: (text, words, focus) => this.composer.receive(text, words, focus),
      confirmed: async (message) => (await import('./dialogs.js')).confirmDelete(pane.root, message, t),
      words: {
        empty: t('emptyEdit'),
        tooMany: (n) => t('tooMany', { n }),
        notSaved: (why) => t('notSaved', { why }),
        notDeleted: (why) => t('notDeleted', { why }),
        kept: t('keptEdit'),
        gone: t('goneEdit'),
        noAnswer: t('noAnswer'),
      },
    });
  }

  /** Shows whether one may write, and why not. */
  #gate() {
    const { dom, root, t } = this.pane;
    const frozen = Boolean(this.#room.frozen);
    const shut = this.#guest ? 'guest' : this.#muted ? 'muted' : frozen && !this.#free ? 'frozen' : '';
    if (!this.#guest) dom.closed.textContent = this.#muted || (frozen ? t(this.#frozenKey) : '');
    const focused = root.contains(/** @type {ShadowRoot} */ (root.getRootNode()).activeElement) && dom.form.matches(':focus-within');
    dom.closed.hidden = !this.#guest && !this.#muted && !frozen;
    dom.slow.hidden = !this.#room.slowMode || this.#free || shut !== '';
    dom.form.hidden = !this.#opened;
    if (shut) root.dataset.closed = shut;
    else delete root.dataset.closed;
    this.composer.setClosed(shut !== '');
    if (shut) dom.reply.hidden = true;
    if (focused && shut) dom.closed.focus();
  }
}
