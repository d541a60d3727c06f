/** @import {Joined, Message, Pending, Refusal, RoomView, Sanction} from '../types.js' */
/** @import {State} from '../connection.js' */
/** @import {HubType} from './hub.js' */
/** @import {Translate} from './strings.js' */
import { announcer } from '../announcer.js';
import { History, places } from '../history.js';
import { rowKeys } from '../keys.js';
import { MessageList } from '../messages.js';
import { Quotes } from '../quotes.js';
import { ReadMarker } from '../read.js';
import { rowPainter } from '../row.js';
import { Scroller, jumpButton } from '../scroll.js';
import { clockwork } from '../time.js';
import { Typing } from '../typing.js';
import { MessageWindow } from '../window.js';
import { Acts } from './acts.js';
import { Banner } from './banner.js';
import { icon, make, pane, templates } from './markup.js';
import { pendingStatus } from './status.js';
import { isolated, listed, localeOf, refusalWords } from './strings.js';
import { Writing } from './writing.js';

/** Names of a reaction, before "and 3 others". */
const NAMES_AT_ONCE = 10;
/** A page that was hidden this long asks what it missed, ms. */
const STALE_AFTER = 60_000;

/**
 * One room as the reader sees it: the conversation and the box to write in.
 */
export class RoomPane {
  #dead = false;
  #drawing = false;
  #joined = false;
  #late = false; // what was said before is to be fetched
  #visible = false;
  #hiddenAt = 0;
  #abort = new AbortController();

  /**
   * @param {object} host
   * @param {HubType} host.hub
   * @param {string} host.room
   * @param {Translate} host.t
   * @param {Record<string, string>} host.strings
   * @param {string} host.language
   * @param {string} host.signIn address, '' if there is none
   * @param {(name: string, detail: object) => void} host.emit tells the page
   * @param {() => void} [host.onBack] to the list of rooms
   */
  constructor(host) {
    const { hub, room, t, language } = host;
    this.host = host;
    this.t = t;
    this.me = hub.me;
    this.talk = hub.talk(room);
    this.dom = pane(t);
    this.root = this.dom.root;
    this.window = new MessageWindow();
    this.time = clockwork({ language, today: t('today'), yesterday: t('yesterday'), locale: localeOf(language), clock: host.hub.clock });
    this.speaker = announcer(this.dom.speaker);
    this.templates = templates(t);
    this.quotes = new Quotes({ window: this.window, request: this.talk.ask, onChange: () => this.onChange() });
    const { list, log, content, jump, jumpText } = this.dom;
    this.scroller = new Scroller(log, content, list, () => this.#moved());
    this.list = this.#makeList();
    this.history = new History({ room, window: this.window, view: this.scroller, request: (...asked) => hub.request(...asked), onChange: () => this.onChange() });
    this.place = places({ window: this.window, list: this.list, history: this.history, scroller: this.scroller });
    this.jump = jumpButton(jump, jumpText, () => this.toLatest(), (n) => (n ? t('latestNew', { n }) : t('latest')));
    this.typing = new Typing({
      line: this.dom.typing,
      me: this.me.id,
      tell: (on) => hub.tell('typing', { room, on }),
      words: (names) => (names.length > 3 ? t('typingMany') : t(names.length === 1 ? 'typing_one' : 'typing_other', { names: listed(names, t) })),
    });
    this.writing = new Writing(this);
    this.keys = rowKeys(list, () => this.writing.focus());
    /** @type {ReadMarker | undefined} from the first join on */
    this.read = undefined;
    this.banner = new Banner(this);
    this.acts = new Acts(this);
    this.#hear();
    this.#name();
    this.begin();
  }

  /** Follows the room; what others on the page have of it already is fetched. */
  begin() {
    this.onState(this.host.hub.state);
    if (this.talk.refused) this.onRefused(this.talk.refused);
    const followed = this.talk.open(this);
    this.onChange();
    if (!followed || !this.talk.view) return;
    this.#late = true;
    this.onRoom(this.talk.view);
    this.onPeople(this.talk.count);
  }

  close() {
    this.#dead = true;
    this.#abort.abort();
    this.banner.stop();
    this.writing.close();
    this.typing.mine(false);
    this.talk.close(this);
    this.root.remove();
  }

  /** @param {string} id of a message of the reader's own */
  has(id) {
    return this.window.messages.some((message) => message.id === id && message.author.id === this.me.id);
  }

  /** @param {string} words @param {'plain' | 'danger'} [tone] */
  say(words, tone) {
    this.writing.composer.say(words, tone);
  }

  /** @param {Refusal} refusal */
  why(refusal) {
    return refusalWords(this.host.strings, refusal);
  }

  // What the room says (a View).

  /** @param {Message[]} messages @param {boolean} replay */
  onChanges(messages, replay) {
    const fresh = this.#take(messages);
    if (replay && fresh.length) this.speaker.say(this.t('replayed', { n: fresh.length }));
    if (replay) return;
    fresh.forEach(this.speaker.live);
    for (const message of messages) {
      if (message.rev === message.seq) this.host.emit('message', { room: this.host.room, message });
    }
  }

  /** @param {Joined} joined */
  onReset(joined) {
    if (this.#joined) this.speaker.say(this.t('reset'));
    this.writing.stopEditing();
    this.history.abandon();
    this.quotes.forget();
    this.window.forget();
    this.window.reset(joined);
    this.#late = false;
    if (!this.#joined) this.list.dividerAfter = joined.room.lastRead ?? 0;
    this.scroller.toEnd();
    this.list.draw();
    this.scroller.toEnd();
  }

  /** @param {RoomView} view */
  onRoom(view) {
    if (this.root.dataset.closed === 'refused') this.banner.state(this.host.hub.state); // it is open again
    this.#name();
    this.writing.setRoom(view);
    const { topic, notice } = this.dom;
    topic.textContent = view.topic ?? '';
    notice.textContent = view.notice ?? '';
    notice.hidden = !view.notice;
    if (this.#late) this.#catchUp();
    if (this.#joined) return this.read?.moved(view.lastRead ?? 0);
    this.#joined = true;
    if (!this.list.dividerAfter) this.list.dividerAfter = view.lastRead ?? 0;
    const { firstUnread, lastRead = 0, head } = view;
    this.read = new ReadMarker({
      // A view that was not just joined has a later head than its counts.
      lastRead: firstUnread ? firstUnread - 1 : Math.max(lastRead, this.#late ? 0 : head),
      visible: () => (this.#visible && !this.host.hub.guest ? this.#inView() : null),
      request: this.talk.ask,
      onRead: (seq, unread, mentions) => this.host.hub.read(this.host.room, seq, unread, mentions),
    });
    this.onChange();
    this.host.emit('ready', { room: this.host.room });
  }

  async #catchUp() {
    if (await this.history.latest()) this.#late = false; // else when the room is joined again
  }

  /** @param {number} count */
  onPeople(count) {
    const { people } = this.dom;
    people.hidden = count === 0;
    people.replaceChildren(icon('people'), make('span', { 'aria-hidden': 'true' }, String(count)), make('span', 'sr', this.t('people', { n: count })));
    people.title = this.t('people', { n: count });
  }

  /** @param {Parameters<Typing['heard']>[0]} event */
  onTyping(event) {
    this.typing.heard(event);
  }

  /** @param {number} seq */
  onReadElsewhere(seq) {
    this.read?.moved(seq);
    if (document.hidden) this.list.dividerAfter = seq;
    this.onChange();
  }

  /** @param {string} reason */
  onRefused(reason) {
    this.root.dataset.closed = 'refused';
    this.dom.form.hidden = true;
    this.banner.refused(reason);
    this.onChange();
  }

  /** @param {Pending} entry @param {Refusal} refusal */
  onRejected(entry, refusal) {
    this.writing.giveBack(entry, refusal);
  }

  /** @param {number} ms */
  onWait(ms) {
    this.writing.wait(ms);
  }

  /** @param {'heldSaid' | 'heldApproved' | 'heldRejected'} key @param {string} reason */
  onReview(key, reason) {
    this.speaker.say(this.t(key, { reason }));
  }

  /** Something the list shows has changed; it is drawn once, after what is going on now. */
  onChange() {
    if (this.#drawing || this.#dead) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      if (this.#dead) return;
      this.list.draw();
      this.#showEnds();
      this.writing.refresh();
      this.keys.refresh();
      this.#moved();
    });
  }

  // What the connection says.

  /** @param {State} state */
  onState(state) {
    this.dom.line.dataset.state = state.name;
    this.root.dataset.state = state.name;
    const { hub } = this.host;
    if (state.name === 'ended' && hub.guest) this.dom.form.hidden = true;
    if (state.name === 'live' && !this.host.room) this.root.dataset.closed = 'refused'; // there is no room to show
    this.#showEnds();
    if (this.talk.refused && state.name !== 'live') return;
    if (state.name === 'refused') {
      this.dom.form.hidden = true;
      this.root.dataset.closed = 'refused';
    }
    this.banner.state(state);
  }

  /** @param {Sanction | undefined} mute */
  onSanction(mute) {
    this.writing.setMute(mute);
  }

  // What the reader does.

  async toLatest() {
    if (this.window.hasNewer && !(await this.history.latest())) this.say(this.t('notLoaded'), 'danger');
    this.scroller.toEnd();
    this.#moved();
  }

  #hear() {
    const { back, log } = this.dom;
    back.hidden = !this.host.onBack;
    back.addEventListener('click', () => this.host.onBack?.());
    const { signal } = this.#abort;
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) {
        this.#hiddenAt = Date.now();
        return;
      }
      if (Date.now() - this.#hiddenAt > STALE_AFTER && this.host.hub.state.name === 'live') this.talk.up();
      this.onChange();
    }, { signal });
    const seen = new IntersectionObserver(([entry]) => {
      this.#visible = entry.isIntersecting;
      this.read?.look();
    });
    seen.observe(log);
    signal.addEventListener('abort', () => seen.disconnect());
  }

  #makeList() {
    const { t } = this;
    const { list, older, beginning, begun, empty } = this.dom;
    return new MessageList({
      root: list,
      older,
      beginning,
      begun,
      empty,
      window: this.window,
      pending: () => this.talk.pending,
      quotes: this.quotes,
      painter: rowPainter({
        template: this.templates.message,
        status: this.templates.status,
        me: this.me,
        room: this.host.room,
        roomPath: '',
        time: this.time,
        reactions: (message) => this.acts.reactions(message),
        words: { gone: t('deleted'), role: (role) => t(`role_${role}`), who: (users, me) => this.#who(users, me) },
      }),
      scroller: this.scroller,
      time: this.time,
      me: this.me.id,
      connection: () => this.host.hub.state.name,
      dividerAfter: 0,
      words: { newMessages: t('newMessages'), new: t('new') },
      status: pendingStatus(t),
    });
  }

  /** @param {{id: string, name: string}[]} users @param {string} me */
  #who(users, me) {
    const { t } = this;
    let names = users.filter(({ id }) => id !== me).map(({ name }) => name);
    if (names.length > NAMES_AT_ONCE + 1) names = [...names.slice(0, NAMES_AT_ONCE), t('others', { n: names.length - NAMES_AT_ONCE })];
    return listed(users.some(({ id }) => id === me) ? [...names, t('you')] : names, t);
  }

  /**
   * Takes messages in their current state, and says which were new and somebody else's.
   * @param {Message[]} messages
   */
  #take(messages) {
    const fresh = [];
    for (const message of messages) {
      const isNew = message.seq > this.window.latest;
      if (this.window.upsert(message) === 'changed') this.speaker.forget(message.seq);
      if (message.author.id === this.me.id) {
        if (isNew) this.writing.sent(message);
      } else if (isNew && !message.deletedAt) fresh.push(message);
      this.typing.stopped(message.author.id);
    }
    this.quotes.take(messages);
    this.window.trim(this.scroller.atEnd ? 'older' : 'newer');
    if (!this.scroller.atEnd || this.window.hasNewer) this.jump.arrived(fresh.length);
    this.onChange();
    return fresh;
  }

  /** The view has moved. */
  #moved() {
    if (!this.history) return; // the scroller is being made
    this.jump.update({ atEnd: this.scroller.atEnd, hasNewer: this.window.hasNewer });
    this.read?.look();
    if (this.host.hub.state.name === 'live') this.history.follow();
  }

  /** The messages in view, for the read pointer. */
  #inView() {
    return this.window.span(this.scroller.inView());
  }

  /** What stands above the first row: it is loading, or this is the beginning. */
  #showEnds() {
    const { older, beginning, empty } = this.dom;
    if (this.#joined) return;
    older.hidden = this.root.dataset.closed === 'refused' || ['ended', 'refused', 'closed'].includes(this.host.hub.state.name);
    beginning.hidden = true;
    empty.hidden = true;
  }

  #name() {
    const { hub, room, signIn } = this.host;
    const name = this.talk.view?.name ?? hub.rooms.get(room)?.name ?? '';
    const { name: heading, root, begun, empty, text } = this.dom;
    heading.textContent = name;
    root.setAttribute('aria-label', name || room);
    begun.textContent = this.t('beginning', { room: isolated(name) });
    empty.textContent = this.t(hub.guest ? 'emptyGuest' : 'empty');
    text.setAttribute('aria-label', this.t('write', { room: isolated(name) }));
    if (hub.guest && this.talk.view) this.writing.closeTo(this.t('signInToWrite'), signIn);
  }
}
