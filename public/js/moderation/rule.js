/** @import {Ask} from './types.js' */

/** Trying waits until somebody stops typing, ms. */
const PAUSE = 300;

/**
 * The rule that a form describes, as the server reads it of the form (handlers/rule_update.go).
 * @param {FormData} data
 */
export function ruleOf(data) {
  /** @param {string} name */
  const typed = (name) => String(data.get(name) ?? '');
  const number = (/** @type {string} */ name) => Math.trunc(Number(typed(name))) || 0;
  const words = typed('words').split('\n').map((line) => line.trim()).filter(Boolean);
  return {
    id: number('id'),
    name: typed('name').trim() || 'New rule', // trying needs no name
    kind: typed('kind'),
    action: typed('action'),
    ...(words.length > 0 && { words }),
    ...(typed('only') && { only: true }),
    ...(typed('pattern') && { pattern: typed('pattern') }),
    ...(number('most') && { most: number('most') }),
    ...(number('seconds') && { seconds: number('seconds') }),
  };
}

/** @param {string} action what becomes of a message that a rule finds something in */
export function fate(action) {
  if (action === 'block') return 'be refused';
  return action === 'hold' ? 'wait for review' : 'be posted, and stand in the queue';
}

/**
 * Tries a rule against the text below it while either is typed.
 * @param {{form: HTMLFormElement, ask: Ask}} host
 */
export function tryRule({ form, ask }) {
  const part = /** @type {HTMLElement} */ (form.querySelector('#try .form'));
  const result = document.createElement('p');
  result.setAttribute('role', 'status');
  part.append(result);
  let turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function attempt() {
    clearTimeout(timer);
    const mine = ++turn;
    const data = new FormData(form);
    const text = String(data.get('text') ?? '');
    if (!text.trim()) return show('');
    const rule = ruleOf(data);
    const answer = await ask('rule:try', { rule, text });
    if (mine !== turn) return;
    if (!answer.ok) return show('', answer.error.message);
    if (!answer.match) {
      const habit = rule.kind === 'repeats' ? ' It looks at what one author sends again and again, not at one text.' : '';
      return show('alert--ok', `The rule finds nothing in it.${habit}`);
    }
    const mark = document.createElement('mark');
    mark.dir = 'auto';
    mark.textContent = answer.match.found ?? '';
    const found = mark.textContent ? [': ', mark] : [];
    show('alert--quiet', 'The rule finds something', ...found, `. This message would ${fate(rule.action)}.`);
  }

  /** @param {string} tone @param {...(string | Node)} words none: nothing was tried */
  function show(tone, ...words) {
    for (const old of part.querySelectorAll('.alert')) if (old !== result) old.remove(); // of the page without script
    result.className = words.length ? `alert ${tone}` : '';
    const line = document.createElement('span');
    line.append(...words);
    result.replaceChildren(line);
  }

  form.addEventListener('input', ({ target }) => {
    if (/** @type {HTMLInputElement} */ (target).name === 'reason') return;
    clearTimeout(timer);
    timer = setTimeout(attempt, PAUSE);
  });
  form.addEventListener('submit', (event) => {
    if (!event.submitter?.hasAttribute('formaction')) return;
    event.preventDefault();
    attempt();
  }, { capture: true });
}
