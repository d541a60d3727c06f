/** @import {User} from './types.js' */
import { element } from './config.js';

/**
 * What the server answered with, as far as the dialog needs it.
 * @typedef {object} Answered
 * @property {boolean} inside  somebody is signed in
 * @property {string} id  of them
 * @property {string} name
 * @property {string} csrf  of the forms of the page
 * @property {string} refusal
 * @property {string} path
 */

/** @param {Response} response @returns {Promise<Answered>} */
async function read(response) {
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const chat = /** @type {HTMLElement | null} */ (page.querySelector('#chat'));
  return {
    // Without it the answer is the sign-in page, or one that says why there is nothing.
    inside: response.ok && new URL(response.url).pathname !== '/login',
    id: chat?.dataset.userId ?? '',
    name: chat?.dataset.userName ?? '',
    csrf: /** @type {HTMLInputElement | null} */ (page.querySelector('input[name="_csrf"]'))?.value ?? '',
    refusal: (page.querySelector('[role="alert"], .field__error') ?? page.querySelector('.door__title'))?.textContent?.trim() ?? '',
    path: new URL(response.url).pathname,
  };
}

/** The forms of this page are bound to the session that was. @param {string} csrf */
function renew(csrf) {
  const templates = /** @type {HTMLTemplateElement[]} */ ([...document.querySelectorAll('template')]);
  for (const root of [document, ...templates.map(({ content }) => content)]) {
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('input[name="_csrf"]'))) input.value = csrf;
  }
}

/**
 * Asks for name and password where the reader is, so that nothing they have written goes.
 * @param {object} host
 * @param {User} host.user who was signed in
 * @param {() => void} host.onSignedIn the same person is back
 */
export function signInAgain({ user, onSignedIn }) {
  const dialog = /** @type {HTMLDialogElement} */ (element('sign-in'));
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector('form'));
  const password = /** @type {HTMLInputElement} */ (element('sign-in-password'));
  const send = /** @type {HTMLButtonElement} */ (form.querySelector('[type="submit"]'));

  /** @param {string} words */
  const say = (words) => {
    element('sign-in-error').textContent = words;
    element('sign-in-error').hidden = !words;
  };

  /** @param {Answered} answer */
  const enter = (answer) => {
    if (answer.id === user.id) {
      renew(answer.csrf);
      dialog.close();
      return onSignedIn();
    }
    // What stands on this page is the other person's.
    element('sign-in-title').textContent = `You are signed in as ${answer.name || 'somebody else'}`;
    element('sign-in-text').textContent = `This page still shows what ${user.name} sees. It has to be loaded anew.`;
    for (const field of form.querySelectorAll('.field')) field.remove();
    send.textContent = 'Load the page';
    form.onsubmit = (event) => {
      event.preventDefault();
      location.assign('/');
    };
    send.focus();
  };

  form.onsubmit = async (event) => {
    event.preventDefault();
    say('');
    send.disabled = true;
    try {
      // The room may be closed to whoever signs in; the first page is not.
      let answer = await read(await fetch('/login'));
      if (!answer.inside) {
        const fields = new FormData(form);
        const body = new URLSearchParams({ _csrf: answer.csrf });
        for (const [name, value] of fields) body.set(name, String(value));
        answer = await read(await fetch('/login', { method: 'POST', body }));
      }
      send.disabled = false;
      if (answer.inside) return enter(answer);
      say(answer.refusal || 'That did not work. Try again.');
      password.select();
    } catch {
      say('The server does not answer. Try again when you are connected.');
    } finally {
      send.disabled = false;
    }
  };
  dialog.onclose = () => { password.value = ''; };
  /** @type {HTMLElement} */ (form.querySelector('[data-cancel]')).onclick = () => dialog.close();
  say('');
  dialog.showModal();
  password.focus();
}
