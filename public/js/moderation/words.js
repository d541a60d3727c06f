/**
 * What moderators read of reports and sanctions. kindWords and outcome have twins among the template functions of the
 * server (cardKind and cardOutcome in handlers/card_words.go) and must agree with them.
 */
/** @import {Report, Sanction} from './types.js' */

/** @param {Report} report what it is, and how it came here */
export function kindWords({ kind, count, reasons }) {
  if (kind === 'held') return 'Waits for review';
  if (kind === 'flag' && count < 2) return 'Flagged by a rule';
  const [first] = reasons;
  return count > 1 || !first ? `Reported by ${count}` : `Reported by ${first.user.name}`;
}

/** @type {Record<string, string>} */
const OUTCOMES = {
  'agree-and-delete': 'deleted the message',
  'agree-and-mute': 'deleted the message and muted its author',
  keep: 'kept the message',
  ignore: 'ignored the report',
  approve: 'let it be posted',
  reject: 'rejected it',
  'reject-and-mute': 'rejected it and muted its author',
};

/** @param {Report} report @returns {string} what was decided, without who did */
export const outcome = ({ action }) => OUTCOMES[action ?? ''] ?? 'resolved it';

/** @param {Report} report that somebody else has resolved before */
export const already = (report) => `${report.resolvedBy?.name || 'Somebody'} ${outcome(report)} already.`;

/** @param {Report} report that somebody else has resolved just now: a sentence for those who do not see which one */
export const decided = (report) => `About ${report.author.name}: ${report.resolvedBy?.name || 'Roomline'} ${outcome(report)}.`;

/** @param {number} n @param {string} what one of them */
export const counted = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`;

/**
 * How long, in the largest unit that fits.
 * @param {number} minutes 0: until it is lifted
 */
export function span(minutes) {
  if (!minutes) return 'until it is lifted';
  for (const [unit, size] of /** @type {[string, number][]} */ ([['day', 1440], ['hour', 60]])) {
    if (minutes % size === 0) return `for ${counted(minutes / size, unit)}`;
  }
  return `for ${counted(minutes, 'minute')}`;
}

/**
 * "Muted until 26 Nov 2026, 14:05, by Mira: spam"
 * @param {Sanction} sanction
 * @param {import('../time.js').Clockwork} time
 */
export function sanctionWords({ kind, reason, by, until }, time) {
  const what = kind === 'ban' ? 'Banned' : 'Muted';
  const end = until ? ` until ${time.brief(new Date(until))}` : '';
  return `${what}${end} by ${by.name || 'Roomline'}: ${reason}`;
}
