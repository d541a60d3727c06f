/** @import {Sheet, Way} from './sheet.js' */
/** @import {Ask, Report, Resolution} from './types.js' */
import { say as sayOn } from './card.js';
import { already, outcome } from './words.js';

/** @param {string} instead what the author reads of a mute without a reason; never the words of who reported */
const orElse = (instead) => `The author reads it, or else: “${instead}”`;

/** @type {Partial<Record<Resolution, Way>>} what is asked for before it is done; the others are done at once */
const WAYS = {
  'agree-and-mute': { label: 'Delete and mute', yes: 'Delete and mute', danger: true, span: 60, timed: true, optional: orElse('One of your messages was reported.') },
  reject: { label: 'Reject', yes: 'Reject', danger: true, optional: 'The author reads it.' },
  'reject-and-mute': { label: 'Reject and mute', yes: 'Reject and mute', danger: true, span: 60, timed: true, optional: orElse('One of your messages was not approved.') },
};

/**
 * Decides reports.
 * @param {object} host
 * @param {Ask} host.ask
 * @param {() => Promise<Sheet>} host.sheet
 * @param {(report: Report) => void} host.onResolved its new state
 * @param {(words: string) => void} host.say what became of it
 */
export function resolver({ ask, sheet, onResolved, say }) {
  /**
   * @param {Report} report
   * @param {Resolution} action
   * @param {{reason: string, minutes: number}} fields
   * @returns {Promise<string>} why it could not be done, or nothing
   */
  async function decide(report, action, { reason, minutes }) {
    /** @type {Record<string, unknown>} */
    const body = { report: report.id, action };
    if (reason) body.note = reason;
    if (minutes) body.minutes = minutes;
    const answer = await ask('report:resolve', body);
    if (!answer.ok) return answer.error.message;
    onResolved(answer.report);
    say(answer.already ? already(answer.report) : `Done: you ${outcome(answer.report)}.`);
    return '';
  }

  /**
   * @param {Report} report
   * @param {Resolution} action
   * @param {HTMLElement} card
   */
  return async (report, action, card) => {
    sayOn(card, '');
    const way = WAYS[action];
    if (!way) {
      if (card.getAttribute('aria-busy') === 'true') return;
      card.setAttribute('aria-busy', 'true');
      const trouble = await decide(report, action, { reason: '', minutes: 0 });
      card.removeAttribute('aria-busy');
      return sayOn(card, trouble);
    }
    (await sheet()).show({
      title: way.label,
      who: report.author,
      about: report.author.name,
      quote: report.text,
      ways: { [action]: way },
      act: (_, fields) => decide(report, action, fields),
    });
  };
}
