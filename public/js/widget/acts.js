/** @import {Message} from '../types.js' */
/** @import {RoomPane} from './room.js' */
import { rowActions } from '../actions.js';

/**
 * What the reader does with the rows of a pane. What is not needed to read is loaded with the first use.
 */
export class Acts {
  /** @type {import('../reactions.js').Reactions | undefined} */
  #reactions;

  /** @param {RoomPane} pane */
  constructor(pane) {
    this.pane = pane;
    rowActions(pane.dom.list, {
      act: async (action, row, control) => {
        const { pending } = row.dataset;
        const message = pane.window.get(Number(row.id.slice(1)));
        try {
          if (pending) await this.#ofPending[action]?.(pending, control);
          else if (message) await this.#ofMessage[action]?.(message, control, row);
        } catch (error) {
          pane.say(pane.t('notLoaded'), 'danger');
          throw error;
        }
      },
      hold: (row) => {
        row.classList.add('is-held');
        row.focus({ preventScroll: true });
        const leave = (/** @type {FocusEvent} */ event) => {
          if (row.contains(/** @type {Node | null} */ (event.relatedTarget))) return;
          row.classList.remove('is-held');
          row.removeEventListener('focusout', leave);
        };
        row.addEventListener('focusout', leave);
      },
    });
  }

  /** @param {Message} message @returns {NonNullable<Message['reactions']>} as they will be */
  reactions(message) {
    return this.#reactions?.of(message) ?? message.reactions ?? [];
  }

  /** @type {Record<string, (message: Message, control: HTMLElement, row: HTMLElement) => unknown>} */
  #ofMessage = {
    pick: (message, _, row) => this.#pick(message, row),
    react: (message, control) => this.#react(message, /** @type {HTMLButtonElement} */ (control).value),
    reply: ({ seq }) => this.pane.writing.answer(seq),
    quoted: (_, control) => this.#show(Number(control.dataset.seq)),
    edit: (message) => this.pane.writing.edit(message),
    delete: (message) => this.pane.writing.remove(message),
    report: (message) => this.#report(message),
  };

  /** @type {Record<string, (id: string, control: HTMLElement) => unknown>} */
  #ofPending = {
    retry: () => (this.pane.host.hub.state.name === 'live' ? this.pane.talk.outbox.retry() : this.pane.host.hub.again()),
    drop: (id) => this.pane.talk.outbox.settle(id),
    dismiss: (id) => this.pane.talk.dismiss(id),
    quoted: (_, control) => this.#show(Number(control.dataset.seq)),
  };

  /** @param {Message} message @param {HTMLElement} row */
  async #pick(message, row) {
    const { emojiBar } = await import('./reacting.js');
    emojiBar(this.pane, row, (emoji) => this.#react(message, emoji));
  }

  /** @param {Message} message @param {string} emoji */
  async #react(message, emoji) {
    const { reactionsIn } = await import('./reacting.js');
    this.#reactions ??= reactionsIn(this.pane);
    return this.#reactions.toggle(message, emoji);
  }

  /** @param {number} seq */
  async #show(seq) {
    if (!(await this.pane.place.toMessage(seq))) this.pane.say(this.pane.t('notLoaded'), 'danger');
  }

  /** @param {Message} message */
  async #report(message) {
    const { openReport } = await import('./dialogs.js');
    const { t, root, talk } = this.pane;
    openReport(root, message, {
      t,
      send: async (reason) => {
        const answer = await talk.ask('message:report', { seq: message.seq, reason }).catch(() => null);
        if (answer?.ok) return '';
        return t('notReported', { why: answer ? this.pane.why(answer.error) : t('noAnswer') });
      },
      onDone: () => this.pane.say(t('reported')),
    });
  }
}
