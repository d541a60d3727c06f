/** @import {RoomPane} from './room.js' */
import { Reactions } from '../reactions.js';
import { make } from './markup.js';

/** What is offered as a reaction. */
const EMOJI = ['👍', '❤️', '😂', '🎉', '👀', '🙏'];

/**
 * The reader's reactions in a pane.
 * @param {RoomPane} pane
 */
export function reactionsIn(pane) {
  const { t, talk } = pane;
  return new Reactions({
    me: pane.me,
    request: async (event, body) => {
      const answer = await talk.ask(event, body);
      return answer.ok ? answer : { ok: false, error: { ...answer.error, message: pane.why(answer.error) } };
    },
    onWish: (seq) => pane.list.react(seq),
    onChanged: (changed) => talk.show([changed]),
    onTrouble: (words) => pane.say(words, 'danger'),
    words: { noAnswer: t('noAnswer'), notReacted: (why) => t('notReacted', { why }) },
  });
}

/**
 * Shows what one may react with, at a row. It goes when the focus leaves it.
 * @param {RoomPane} pane
 * @param {HTMLElement} row
 * @param {(emoji: string) => void} choose
 */
export function emojiBar({ t }, row, choose) {
  const buttons = EMOJI.map((emoji) => make('button', { type: 'button', className: 'emoji__one', 'aria-label': t('reactWith', { emoji }) }, emoji));
  const bar = make('div', { className: 'emoji', role: 'group', 'aria-label': t('react') }, ...buttons);
  const close = () => row.focus({ preventScroll: true });
  buttons.forEach((button, i) => button.addEventListener('click', () => {
    close();
    choose(EMOJI[i]);
  }));
  bar.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key !== 'Escape' && !step && event.key !== 'Tab') return;
    event.stopPropagation();
    if (event.key === 'Tab') return;
    event.preventDefault();
    if (!step) return close();
    const forward = getComputedStyle(bar).direction === 'rtl' ? -step : step;
    buttons[(at + forward + buttons.length) % buttons.length].focus();
  });
  bar.addEventListener('focusout', (event) => {
    if (!bar.contains(/** @type {Node | null} */ (event.relatedTarget))) bar.remove();
  });
  row.append(bar);
  buttons[0].focus(); // and in view
}
