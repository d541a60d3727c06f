import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hue, initials, length, line, who } from '../../public/js/text.js';

for (const [name, want] of [
  ['ada', 'A'], ['Ada Lovelace', 'AL'], ['ada king countess', 'AC'], ['  ben  ', 'B'], ['дина', 'Д'], ['𝒜da', '𝒜'], ['', ''],
]) {
  test(`initials of "${name}"`, () => assert.equal(initials(name), want));
}

test('the hue of an id is the server’s: FNV-1a, modulo 8', () => {
  // Known values of the hash: "" 0x811c9dc5, "a" 0xe40c292c, "foobar" 0xbf9cf968.
  assert.deepEqual(['', 'a', 'foobar'].map(hue), [0x811c9dc5 % 8, 0xe40c292c % 8, 0xbf9cf968 % 8]);
});

for (const [text, html, want] of [
  ['two\nlines  here', '', 'two lines here'],
  ['1 < 2 & <b>', '', '1 < 2 & <b>'],
  ['**a** b', '<p><strong>a</strong> b</p>', 'a b'],
  ['-', '<p>so<em>m</em>e<br>words:</p><ul><li>a &amp; b</li><li>&lt;c&gt; &#39;&#34;</li></ul><pre><code>x</code></pre>', `some words: a & b <c> '" x`],
  ['é'.repeat(200), '', `${'é'.repeat(160)}…`],
]) {
  test(`in one line: ${html || text.slice(0, 20)}`, () => assert.equal(line({ text, html }), want));
}

test('who reacted is a sentence, with you at its end', () => {
  const people = (n) => Array.from({ length: n }, (_, i) => ({ id: String(i + 1), name: `p${i + 1}` }));
  const ten = 'p1, p2, p3, p4, p5, p6, p7, p8, p9, p10';
  for (const [n, me, want] of [
    [0, '9', ''], [1, '9', 'p1'], [1, '1', 'you'], [2, '9', 'p1 and p2'], [2, '1', 'p2 and you'],
    [3, '2', 'p1, p3 and you'], [11, '99', `${ten} and p11`], [12, '99', `${ten} and 2 others`],
  ]) assert.equal(who(people(n), me), want);
});

test('characters are counted as the server counts them', () => {
  assert.equal(length('añ𝒜🎉'), 4);
});
