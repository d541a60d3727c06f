import { en } from './en.js';

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/**
 * The words of a language that is shipped, else the English ones.
 * @param {string} language a tag as pages have it: "de-AT"
 * @returns {Promise<Record<string, string>>}
 */
export async function stringsOf(language) {
  if (/^de\b/iu.test(language)) return { ...en, ...(await import('./de.js')).de };
  return en;
}

/**
 * Says things: what stands in braces is filled in, and of plural forms the one for n is taken.
 * @param {Record<string, string>} strings
 * @param {string} language
 * @returns {Translate}
 */
export function translator(strings, language) {
  const plural = rules(language);
  return (key, values = {}) => {
    const form = typeof values.n === 'number' ? strings[`${key}_${plural.select(values.n)}`] ?? strings[`${key}_other`] : undefined;
    const text = form ?? strings[key] ?? key;
    return text.replace(/\{(\w+)\}/gu, (whole, name) => String(values[name] ?? whole)).trim();
  };
}

/** @param {string} language */
function rules(language) {
  try {
    return new Intl.PluralRules(language);
  } catch {
    return new Intl.PluralRules('en'); // no language at all
  }
}

/**
 * A name or a room's as it can stand within a sentence of another direction.
 * @param {string} words
 */
export const isolated = (words) => `\u2068${words}\u2069`;

/**
 * Why something was refused, in the reader's language if it is known there.
 * @param {Record<string, string>} strings
 * @param {{code: string, message: string}} refusal
 */
export const refusalWords = (strings, { code, message }) => strings[`code_${code}`] ?? message;

/**
 * A list of names in a sentence.
 * @param {string[]} names
 * @param {Translate} t
 */
export function listed(names, t) {
  if (names.length < 2) return names.join('');
  return t('and', { names: names.slice(0, -1).join(', '), last: names[names.length - 1] });
}

/**
 * A number of seconds in the largest unit that it is whole in.
 * @param {number} seconds
 * @param {Translate} t
 */
export function pause(seconds, t) {
  if (seconds >= 3600 && seconds % 3600 === 0) return t('hours', { n: seconds / 3600 });
  if (seconds >= 60 && seconds % 60 === 0) return t('minutes', { n: seconds / 60 });
  return t('seconds', { n: seconds });
}

/**
 * How long it takes still, roughly if it is long.
 * @param {number} seconds
 * @param {Translate} t
 */
export function remaining(seconds, t) {
  return seconds < 120 ? t('seconds', { n: seconds }) : t('minutes', { n: Math.ceil(seconds / 60) });
}

/**
 * Times are written as the reader's browser does, if it speaks the language of the page.
 * @param {string} language
 */
export function localeOf(language) {
  const own = navigator.languages?.find((one) => one.split('-')[0] === language.split('-')[0]);
  return own ?? language;
}
