// Files cannot be sent yet: the page says so, and stays.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

let stage;
let nora;
before(async () => {
  stage = await Stage.open();
  nora = await stage.server.signUp('nora');
});
afterEach(() => stage.clear());
after(() => stage.close());

const words = 'Files can’t be sent yet.';

/** Fires an event with data as a browser would, and returns whether the page took it over. */
const fire = (page, selector, type, { files = [], text = '' }) => page.evaluate(([selector, type, files, text]) => {
  const data = new DataTransfer();
  for (const [name, kind] of files) data.items.add(new File(['x'], name, { type: kind }));
  if (text) data.setData('text/plain', text);
  const event = type === 'paste'
    ? new ClipboardEvent(type, { clipboardData: data, bubbles: true, cancelable: true, composed: true })
    : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true, composed: true });
  return !document.querySelector(selector).dispatchEvent(event);
}, [selector, type, files, text]);

for (const [where, selector] of Object.entries({ conversation: '.log', composer: '#composer textarea', rail: '.rail', page: 'body' })) {
  test(`a file dropped on the ${where} is answered`, async () => {
    const { page } = await stage.enter('Nora', { person: nora });
    for (const file of [['a.pdf', 'application/pdf'], ['b.png', 'image/png'], ['c', '']]) {
      assert.equal(await fire(page, selector, 'dragover', { files: [file] }), true, 'the browser would refuse the drop');
      assert.equal(await fire(page, selector, 'drop', { files: [file] }), true, 'the browser would open the file');
      await page.getByText(words).waitFor();
    }
  });
}

test('a pasted picture is answered, and a pasted text is pasted', async () => {
  const { page } = await stage.enter('Nora', { person: nora });
  assert.equal(await fire(page, '#composer textarea', 'paste', { text: 'words' }), false);
  assert.equal(await fire(page, '#composer textarea', 'paste', { text: 'words', files: [['cells.png', 'image/png']] }), false, 'cells of a table');
  assert.equal(await page.getByText(words).count(), 0);
  assert.equal(await fire(page, '#composer textarea', 'paste', { files: [['shot.png', 'image/png']] }), true);
  await page.getByText(words).waitFor();
});

test('text dragged within the page stays the browser’s', async () => {
  const { page } = await stage.enter('Nora', { person: nora });
  assert.equal(await fire(page, '#composer textarea', 'drop', { text: 'words' }), false);
  assert.equal(await page.getByText(words).count(), 0);
});
