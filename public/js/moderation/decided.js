/** @import {Line} from './line.js' */
/** @import {Report} from './types.js' */
import { decided } from './words.js';

/**
 * Says what other moderators decide while it happens, to those who listen. What the reader decides is said where they
 * do it, and what came while there was no connection stands in its place.
 * @param {object} host
 * @param {Pick<Line, 'on'>} host.line
 * @param {(id: number) => unknown} host.shown whether the report is on the page
 * @param {(words: string) => void} host.say
 */
export function tellDecided({ line, shown, say }) {
  let me = '';
  line.on('hello', ({ user }) => { me = user.id; });
  line.on('report', (/** @type {Report} */ report) => {
    if (report.state === 'resolved' && report.resolvedBy?.id !== me && shown(report.id)) say(decided(report));
  });
}
