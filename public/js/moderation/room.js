/** What moderators have on a room's page. Only wiring stands here; what one needs for an act comes with the act. */
/** @import {Config, Message} from '../types.js' */
/** @import {Clockwork} from '../time.js' */
/** @import {Report, Resolution} from './types.js' */
import { announcer } from '../announcer.js';
import { element } from '../config.js';
import { cardPainter, nearest } from './card.js';
import { tellDecided } from './decided.js';
import { Line } from './line.js';
import { peopleActs } from './people.js';
import { queueBadge } from './badge.js';

/**
 * @param {object} host
 * @param {Config} host.config
 * @param {any} host.socket
 * @param {Clockwork} host.time
 * @param {(words: string) => void} host.say
 * @param {(message: Message) => void} host.onChanged
 */
export function roomModeration({ config, socket, time, say, onChanged }) {
  const { user: me, room } = config;
  const line = new Line(socket);
  /** @param {string} event @param {object} body */
  const ask = (event, body) => line.ask(event, body);
  const template = /** @type {HTMLTemplateElement} */ (element('card-template'));
  const cards = cardPainter({ template, time, me });

  /** @type {import('./sheet.js').Sheet | undefined} */
  let sheet;
  const openSheet = async () => (sheet ??= new (await import('./sheet.js')).Sheet());
  /** @type {ReturnType<typeof import('./acts.js').memberActs> | undefined} */
  let acts;
  const loadActs = async () => {
    const [sheet, { memberActs }] = await Promise.all([openSheet(), import('./acts.js')]);
    return acts ??= memberActs({ sheet, ask, me, room, time, say, onChanged });
  };

  /** @param {Report} report in its new state */
  function onResolved(report) {
    const card = document.getElementById(`card-${report.id}`);
    if (card) cards.paint(card, report);
  }

  /** @param {Message} message @param {HTMLElement} button */
  async function resolve({ report }, button) {
    const card = /** @type {HTMLElement | null} */ (button.closest('.card'));
    const { value } = /** @type {HTMLButtonElement} */ (button);
    if (!report || !card) return;
    const { resolver } = await import('./resolve.js');
    await resolver({ ask, sheet: openSheet, onResolved, say })(report, /** @type {Resolution} */ (value), card);
  }

  peopleActs({
    list: element('people-list'),
    me,
    back: element('people-button'),
    open: async (person, back) => (await loadActs()).open({ author: person, back }),
  });
  queueBadge(line);
  if (line.own) {
    cardKeys(element('messages'));
    tellDecided({ line, shown: (id) => document.getElementById(`card-${id}`), say: announcer(element('announcer')).say });
  }

  return {
    cards: line.own ? cards : undefined,
    /** @type {Record<string, (message: Message, control: HTMLElement) => unknown>} */
    commands: {
      moderate: async (message) => (await loadActs()).open({ author: message.author, message }),
      resolve,
    },
  };
}

/**
 * A digit on a card does what its button with that number does.
 * @param {HTMLElement} list
 */
function cardKeys(list) {
  list.addEventListener('keydown', (event) => {
    const { key, altKey, ctrlKey, metaKey, target } = event;
    const at = /** @type {HTMLElement} */ (target);
    if (altKey || ctrlKey || metaKey || !/^[1-4]$/u.test(key) || at.closest('input, textarea')) return;
    const card = /** @type {HTMLElement | null} */ (at.closest('.message')?.querySelector('.card'));
    if (!card) return;
    const button = /** @type {HTMLElement[]} */ ([...card.querySelectorAll('.card__acts:not([hidden]) button:not([hidden])')])[Number(key) - 1];
    if (!button) return;
    event.preventDefault();
    nearest(card).focus({ preventScroll: true });
    button.click();
  });
}
