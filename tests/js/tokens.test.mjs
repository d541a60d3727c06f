import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completed, tokenAt } from '../../public/js/tokens.js';

// The caret is the bar.
for (const [typed, want] of [
  ['@no|', 'mention no'], ['Hello @Émile|', 'mention Émile'], ['(@yusuf.k-2|', 'mention yusuf.k-2'], ['a\n@li|', 'mention li'],
  ['@李|', 'mention 李'], ['@no| and more', 'mention no'], ['@nora @em|', 'mention em'],
  ['@|', null], ['@ no|', null], ['mail@ex|', null], ['https://example.org/@no|', null], ['@no|ra', null], ['@nora |', null], ['@@no|', null],
  ['@no|さん', 'mention no'], ['你好@no|', 'mention no'], ['＠no|', 'mention no'], ['ねえ＠田|', 'mention 田'], ['привет@ив|', 'mention ив'], ['안녕@no|', 'mention no'],
  ['ครับ@no|ครับ', 'mention no'], ['ל@no|', 'mention no'], ['é＠no|', null], ['1＠no|', null], ['@@＠no|', null], ['@no|ра', null],
  ['你好:smi|', 'emoji smi'], ['です:smi|', 'emoji smi'], ['да:smi|', 'emoji smi'], ['안녕:smi|', 'emoji smi'], ['ดี:smi|', 'emoji smi'], ['é:smi|', null], ['हिंदी@no|', 'mention no'],
  [':smi|', 'emoji smi'], ['so :+1|', 'emoji +1'], [':heart_eyes|', 'emoji heart_eyes'],
  [':s|', null], ['10:30|', null], ['http://|', null], [':smile:|', null], ['a:bc|', null], [': smi|', null],
]) {
  test(`being typed: ${typed.replace('\n', ' ')}`, () => {
    const caret = typed.indexOf('|');
    const token = tokenAt(typed.replace('|', ''), caret);
    assert.equal(token && `${token.kind} ${token.query}`, want);
  });
}

test('what is completed stands in the place of its beginning, with one space behind it', () => {
  for (const [typed, whole, want] of [
    ['Hi @no|', '@Nora', 'Hi @Nora |'], ['Hi @no| there', '@Nora', 'Hi @Nora |there'], ['a :smi|, b', '😄', 'a 😄 |, b'],
  ]) {
    const caret = typed.indexOf('|');
    const text = typed.replace('|', '');
    const done = completed(text, tokenAt(text, caret), whole);
    assert.equal(`${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`, want);
  }
});
