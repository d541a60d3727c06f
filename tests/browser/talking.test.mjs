// People talk: in two browsers, over WebSocket and over polling alone.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage } from './stage.mjs';

let stage;

before(async () => {
  stage = await Stage.open();
  await stage.server.signUp('olga');
});
afterEach(() => stage.clear());
after(() => stage.close());

test('two people sign up in their browsers and chat', async () => {
  const [ada, ben] = [await stage.window(), await stage.window()];
  await ada.signUp('ada');
  await ben.signUp('ben');
  await ada.connected();
  await ben.connected();
  await ada.say('Hello Ben, <b>no markup</b> & all');
  await ben.sees('Hello Ben, <b>no markup</b> & all');
  await ben.say('Hello Ada');
  await ada.sees('Hello Ada');
  assert.deepEqual((await ada.texts()).slice(-2), (await ben.texts()).slice(-2));
  assert.equal(await ada.composer.inputValue(), '');
  assert.ok(await ada.composer.evaluate((box) => box === document.activeElement), 'the box keeps the focus');
});

test('with WebSocket blocked one keeps polling and still gets and sends all', async () => {
  const ada = await stage.enter('ada-two');
  const ben = await stage.enter('ben-two', { webSocket: false });
  const sockets = [];
  ben.page.on('websocket', (socket) => sockets.push(socket.url()));
  let polls = 0;
  ben.page.on('request', (request) => { if (request.url().includes('transport=polling')) polls += 1; });
  for (let n = 0; n < 10; n++) {
    await ada.say(`to the poller ${n}`);
    await ben.say(`from the poller ${n}`);
  }
  const mine = (texts) => texts.filter((text) => text.includes('the poller'));
  for (const window of [ada, ben]) {
    await window.sees('to the poller 9');
    await window.sees('from the poller 9');
    assert.equal(mine(await window.texts()).length, 20);
  }
  assert.deepEqual(mine(await ada.texts()), mine(await ben.texts()), 'one order for both');
  assert.ok(polls >= 10, `${polls} polls`);
  assert.deepEqual(sockets, []);
});

test('an edit and a delete are seen by the other', async () => {
  const ada = await stage.enter('ada-three');
  const ben = await stage.enter('ben-three');
  await ada.say('Tusday at ten');
  await ben.sees('Tusday at ten');

  const row = ada.message('Tusday at ten');
  await row.hover();
  await row.getByRole('link', { name: 'Edit' }).click();
  const editor = ada.page.getByRole('textbox', { name: 'Edit your message' });
  await editor.fill('Tuesday at ten');
  await editor.press('Enter');
  await ben.sees('Tuesday at ten');
  await ben.message('Tuesday at ten').getByText('(edited)').waitFor();
  await ada.sees('Tuesday at ten');

  const edited = ada.message('Tuesday at ten');
  await edited.hover();
  await edited.getByRole('button', { name: 'Delete' }).click();
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  for (const window of [ada, ben]) {
    await window.message('Tuesday at ten').waitFor({ state: 'detached' });
    await window.log.getByText('Message deleted').last().waitFor();
    assert.equal((await window.page.content()).includes('Tuesday at ten'), false, 'the words are nowhere in the page');
  }
});

test('nobody is offered to edit or delete what another wrote', async () => {
  const ada = await stage.enter('ada-four');
  const ben = await stage.enter('ben-four');
  await ada.say('all mine');
  await ben.sees('all mine');
  const row = ben.message('all mine');
  await row.hover();
  assert.equal(await row.getByRole('link', { name: 'Edit' }).count(), 0);
  assert.equal(await row.getByRole('button', { name: 'Delete' }).count(), 0);
});

test('who is here and who types can be seen', async () => {
  const ada = await stage.enter('ada-five');
  const ben = await stage.enter('ben-five');
  await ada.people.getByText('ben-five').waitFor();
  await ben.people.getByText('ada-five').waitFor();

  await ben.composer.pressSequentially('I am thinking');
  await eventually(async () => /ben-five/.test(await ada.typing.innerText()), 'the typing line');
  assert.doesNotMatch(await ben.typing.innerText(), /ben-five/, 'nobody sees themselves type');
  await ben.composer.press('Enter');
  await eventually(async () => !/ben-five/.test(await ada.typing.innerText()), 'the typing line is empty again');

  await ben.page.goto('/account');
  await ada.people.getByText('ben-five').waitFor({ state: 'detached' });
});

test('the own message comes once, in every own window', async () => {
  const one = await stage.enter('ada-six');
  const two = await stage.enter('ada-six', { person: one.person });
  await one.say('only once, please');
  for (const window of [one, two]) {
    await window.sees('only once, please');
    assert.equal((await window.texts()).filter((text) => text === 'only once, please').length, 1);
  }
});
