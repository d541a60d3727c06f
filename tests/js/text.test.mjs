import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emojiOnly, hue, initials, length, segments } from '../../public/js/text.js';

for (const [name, want] of [
  ['ada', 'A'], ['Ada Lovelace', 'AL'], ['ada king countess', 'AC'], ['  ben  ', 'B'], ['дина', 'Д'], ['𝒜da', '𝒜'], ['', ''],
]) {
  test(`initials of "${name}"`, () => assert.equal(initials(name), want));
}

test('the hue of an id is the server’s: FNV-1a, modulo 8', () => {
  // Known values of the hash: "" 0x811c9dc5, "a" 0xe40c292c, "foobar" 0xbf9cf968.
  assert.deepEqual(['', 'a', 'foobar'].map(hue), [0x811c9dc5 % 8, 0xe40c292c % 8, 0xbf9cf968 % 8]);
});

for (const [what, text, want] of [
  ['plain', 'no address here', ['no address here']],
  ['alone', 'https://example.org', ['<https://example.org>']],
  ['in a sentence', 'see https://example.org/a, please.', ['see ', '<https://example.org/a>', ', please.']],
  ['in brackets', '(https://example.org/a)', ['(', '<https://example.org/a>', ')']],
  ['with brackets of its own', 'https://example.org/a_(b)', ['<https://example.org/a_(b)>']],
  ['two', 'http://a.example http://b.example!', ['<http://a.example>', ' ', '<http://b.example>', '!']],
  ['capitals', 'HTTPS://EXAMPLE.ORG', ['<HTTPS://EXAMPLE.ORG>']],
  ['other schemes', 'javascript:alert(1) ftp://a.example data:text/html,x', ['javascript:alert(1) ftp://a.example data:text/html,x']],
  ['a quote ends it', '"https://example.org/"onclick="x"', ['"', '<https://example.org/>', '"onclick="x"']],
  ['a bracket ends it', '<https://example.org/><script>', ['<', '<https://example.org/>', '><script>']],
  ['no host', 'https:// nothing', ['https:// nothing']],
  ['empty', '', []],
]) {
  test(`addresses: ${what}`, () => {
    assert.deepEqual(segments(text).map((part) => (part.href ? `<${part.href}>` : part.text)), want);
    assert.equal(segments(text).map((part) => part.text).join(''), text, 'nothing is lost');
  });
}

for (const [text, want] of [
  ['🎉', true], ['🎉🎉 🎉', true], ['👩‍🚀', true], ['👍🏽', true], ['❤️', true], ['🇫🇷', true], ['1️⃣', true],
  ['🎉!', false], ['1', false], ['©', false], ['', false], ['ok', false], ['🎉🎉🎉🎉🎉🎉', false],
]) {
  test(`emoji only: "${text}" ${want ? 'is' : 'is not'}`, () => assert.equal(emojiOnly(text), want));
}

test('characters are counted as the server counts them', () => {
  assert.equal(length('añ𝒜🎉'), 4);
});
