// The server dies under people, the network goes, the page is reloaded: nothing is lost or doubled.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage, unreachable } from './stage.mjs';

let stage;

before(async () => {
  stage = await Stage.open();
  await stage.server.signUp('olga');
});
afterEach(() => stage.clear());
after(() => stage.close());

test('the server is killed and started again under two people: nothing is lost, doubled or out of order', async () => {
  const forgive = [unreachable];
  const ada = await stage.enter('ada', { forgive });
  const ben = await stage.enter('ben', { forgive, webSocket: false });
  const expected = [];
  for (let round = 0; round < 2; round++) {
    for (const who of ['before', 'in the air']) {
      for (let n = 0; n < 5; n++) {
        expected.push(`${who} ${round}.${n}`);
        await ada.say(expected.at(-1));
      }
      if (who === 'before') await ben.sees(expected.at(-1));
    }
    await stage.server.kill(); // some of those in the air were stored, some acknowledged, some neither
    for (let n = 0; n < 3; n++) {
      expected.push(`while it was down ${round}.${n}`);
      await ada.say(expected.at(-1));
    }
    const waiting = ada.message(expected.at(-1));
    await waiting.waitFor();
    assert.equal(await waiting.getAttribute('data-message'), null, 'it waits, and can be seen to');
    await eventually(async () => (await ada.banner.innerText()).trim() !== '', 'the banner says so');
    await stage.server.restart();
    await ben.sees(expected.at(-1));
    await ada.sees(expected.at(-1));
  }
  const mine = (texts) => texts.filter((text) => /^(before|in the air|while it was down) /.test(text));
  assert.deepEqual(mine(await ben.texts()), expected);
  await eventually(async () => (await ada.log.locator('article:not([data-message])').count()) === 0, 'nothing waits');
  assert.deepEqual(mine(await ada.texts()), expected);
  await eventually(async () => (await ada.banner.innerText()).trim() === '', 'the banner is gone');
});

test('what was written without a connection survives a reload and is sent once', async () => {
  const ada = await stage.enter('ada-two', { forgive: [unreachable], webSocket: false });
  const ben = await stage.enter('ben-two');
  const chat = '**/socket.io/**';
  await ada.page.route(chat, (route) => route.abort());
  await ada.say('written in a tunnel');
  await ada.say('and another');
  await ada.message('and another').waitFor();
  await ada.page.reload();
  for (const text of ['written in a tunnel', 'and another']) {
    await ada.message(text).waitFor();
    assert.equal(await ada.message(text).getAttribute('data-message'), null, 'still waiting');
  }
  assert.deepEqual((await ben.texts()).filter((text) => text.includes('tunnel')), []);
  await ada.page.unroute(chat);
  for (const window of [ada, ben]) {
    await window.sees('and another');
    const texts = (await window.texts()).filter((text) => /tunnel|another/.test(text));
    assert.deepEqual(texts, ['written in a tunnel', 'and another']);
  }
});

test('offline the banner says so, and what was said meanwhile comes when the network does', async () => {
  const ada = await stage.enter('ada-three', { forgive: [unreachable] });
  const ben = await stage.enter('ben-three');
  await ada.page.context().setOffline(true);
  await eventually(async () => /offline/i.test(await ada.banner.innerText()), 'the banner says offline');
  await ada.say('from the lift');
  await ben.say('while you were away');
  await ben.sees('while you were away');
  await ada.page.context().setOffline(false);
  for (const window of [ada, ben]) {
    await window.sees('while you were away');
    await window.sees('from the lift');
    assert.equal((await window.texts()).filter((text) => text === 'from the lift').length, 1);
  }
});

test('a draft is still there after a reload', async () => {
  const ada = await stage.enter('ada-four');
  await ada.composer.pressSequentially('half a thought');
  await ada.page.reload();
  await ada.connected();
  assert.equal(await ada.composer.inputValue(), 'half a thought');
});
