/** @import {State} from './connection.js' */

/** An outage shorter than this is nobody's concern, ms. */
const PATIENCE = 2500;

/**
 * Tells in words how the connection is, and what can be done. The line under the room's name shows it too.
 * @param {{banner: HTMLElement, line: HTMLElement, retry: () => void, signIn: () => void}} parts
 */
export function connectionBanner({ banner, line, retry, signIn }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let shown = false;
  /** @type {State} */
  let latest = { name: 'connecting' };

  /** @param {State} state */
  function show(state) {
    clearTimeout(timer);
    timer = undefined;
    const { words, action, danger } = describe(state);
    const box = document.createElement('div');
    box.className = 'banner__box';
    if (danger) box.dataset.tone = 'danger';
    box.append(span(words));
    if (action === 'retry') box.append(button('Retry now', retry));
    if (action === 'login') box.append(button('Sign in again', signIn));
    if (action === 'leave') box.append(link('Back to the rooms', '/'));
    banner.replaceChildren(box);
    shown = true;
  }

  return {
    /** @param {State} state */
    update(state) {
      latest = state;
      line.dataset.state = state.name;
      if (state.name === 'live') {
        clearTimeout(timer);
        timer = undefined;
        banner.replaceChildren();
        shown = false;
      } else if (shown || ['ended', 'refused', 'closed'].includes(state.name)) {
        show(state);
      } else {
        // Each failed try says so again: the outage still counts from its beginning.
        timer ??= setTimeout(() => show(latest), PATIENCE);
      }
    },
  };
}

/**
 * @param {State} state
 * @returns {{words: string, action: 'retry' | 'login' | 'leave' | '', danger: boolean}}
 */
function describe({ name, reason, words }) {
  switch (name) {
    case 'ended':
      if (reason === 'other_user') {
        return { words: 'Somebody else has signed in in this browser. This page is from before.', action: 'leave', danger: true };
      }
      return { words: 'Your session has ended. What you have not sent is kept here.', action: 'login', danger: true };
    case 'refused':
      if (reason === 'removed') return { words: 'You are no longer in this room.', action: 'leave', danger: false };
      return {
        words: reason === 'banned' ? words ?? 'You have been banned.' : 'You may no longer enter this room.',
        action: reason === 'banned' ? '' : 'leave',
        danger: true,
      };
    case 'offline':
      return { words: 'You are offline. What you write will be sent when you are back.', action: 'retry', danger: true };
    case 'waiting':
      return { words: 'The server is taking a short break. You will be back in a moment.', action: 'retry', danger: false };
    case 'closed':
      return { words: 'The server ended the connection.', action: 'retry', danger: true };
    default:
      if (words) words = `The server says: “${words}”. Trying again.`;
      else words = name === 'connecting' ? 'Connecting is taking longer than usual.' : 'The connection is lost. Trying to get it back.';
      return { words, action: 'retry', danger: false };
  }
}

/** @param {string} words */
function span(words) {
  const node = document.createElement('span');
  node.textContent = words;
  return node;
}

/** @param {string} words @param {() => void} act */
function button(words, act) {
  const node = document.createElement('button');
  node.type = 'button';
  node.className = 'text-button';
  node.textContent = words;
  node.addEventListener('click', act);
  return node;
}

/** @param {string} words @param {string} href */
function link(words, href) {
  const node = document.createElement('a');
  node.textContent = words;
  node.href = href;
  return node;
}
