// Moderators at work: from a card, from a message, from the people here; and that members get nothing of it.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { card, company, note, offender, report, sheet } from './moderators.mjs';
import { eventually, Stage, unreachable } from './stage.mjs';

let stage, olga, mira, nora, emil;

before(async () => {
  stage = await Stage.open();
  ({ olga, mira, nora, emil } = await company(stage));
});
afterEach(() => stage.clear());
after(() => stage.close());

/** Opens the sheet of a message by pointer. */
async function moderate(window, row) {
  await row.hover();
  await row.getByRole('link', { name: 'Moderate' }).click();
  await sheet(window).waitFor();
}

test('what a member reports comes to the moderators at once, and is done with from its card', async () => {
  const moderator = await stage.enter('Mira', { person: mira, path: '/admin' });
  const reader = await stage.enter('Emil', { person: emil });
  const { messages } = await offender(stage, 'Mallory', 'Cheap watches, here and now');
  await reader.sees('Cheap watches, here and now');
  await report(emil, messages[0], 'An advertisement');
  const item = card(moderator, 'Cheap watches');
  await item.getByText('Reported by Emil').waitFor();
  await item.getByText('An advertisement').waitFor();
  assert.equal(await item.getByRole('link', { name: 'lobby' }).getAttribute('href'), `/rooms/lobby/${messages[0].seq}#m${messages[0].seq}`);
  await item.getByRole('button', { name: 'Delete message' }).click();
  await item.getByText('Mira deleted the message').waitFor();
  await reader.message('Cheap watches, here and now').waitFor({ state: 'detached' });
  assert.equal(await item.getByRole('button').count(), 0, 'there is nothing more to decide');

  await moderator.page.reload();
  await moderator.connected();
  await item.getByText('Mira deleted the message').waitFor();
  assert.equal(await item.getByRole('button').count(), 0);
});

test('the second of two moderators learns what the first did', async () => {
  const [one, two] = [await stage.enter('Mira', { person: mira, path: '/admin' }), await stage.enter('Nora', { person: nora, path: '/admin' })];
  const { messages, client } = await offender(stage, 'Trudy', 'You are all fools');
  await report(emil, messages[0], 'Rude');
  for (const window of [one, two]) {
    await card(window, 'all fools').getByRole('button', { name: 'Delete and mute' }).click();
    await sheet(window).waitFor();
  }
  await sheet(one).getByText('10 minutes').click();
  await sheet(one).getByRole('button', { name: 'Delete and mute' }).click();
  await sheet(one).waitFor({ state: 'hidden' });
  const sanction = await client.hear('sanction');
  assert.equal(sanction.kind, 'mute');
  assert.equal(sanction.reason.includes('Rude'), false, 'the words of who reported are not passed on');
  await card(two, 'all fools').getByText('Mira deleted the message and muted its author').waitFor();
  await sheet(two).getByRole('button', { name: 'Delete and mute' }).click();
  await note(two).getByText('Mira deleted the message and muted its author already.').waitFor();
});

test('what another moderator decides is spoken, and neither what one does oneself nor what was missed', async () => {
  const [one, two] = [await stage.enter('Mira', { person: mira, path: '/admin' }), await stage.enter('Nora', { person: nora, path: '/admin' })];
  const { messages } = await offender(stage, 'Grace', 'spoken of once', 'decided meanwhile', 'spoken of later');
  for (const message of messages) await report(emil, message);
  const spoken = (window) => window.page.locator('#announcer').getByText('About Grace');
  await one.composer.focus();
  await card(two, 'spoken of once').getByRole('button', { name: 'Keep' }).click();
  await spoken(one).getByText('About Grace: Nora kept the message.').waitFor();
  assert.ok(await one.composer.evaluate((node) => node === document.activeElement), 'the focus stays');
  await note(two).getByText('Done: you kept the message.').waitFor();

  await one.page.context().setOffline(true);
  await one.page.locator('#line:not([data-state="live"])').waitFor({ state: 'attached' });
  await card(two, 'decided meanwhile').getByRole('button', { name: 'Ignore' }).click();
  await card(two, 'decided meanwhile').getByText('Nora ignored the report').waitFor();
  await one.page.context().setOffline(false);
  await card(one, 'decided meanwhile').getByText('Nora ignored the report').waitFor();
  await card(two, 'spoken of later').getByRole('button', { name: 'Ignore' }).click();
  await spoken(one).getByText('About Grace: Nora ignored the report.').waitFor();
  assert.equal(await spoken(one).getByText('ignored').count(), 1);
  assert.equal(await spoken(two).count(), 0);
});

test('a moderator deletes a message where it stands, reads what it said before, and brings it back', async () => {
  const { client, messages: [{ seq }] } = await offender(stage, 'Peggy', 'First words');
  await client.ok('message:edit', { room: 'lobby', seq, text: 'Second words' });
  const moderator = await stage.enter('Mira', { person: mira });
  const reader = await stage.enter('Emil', { person: emil });
  await moderate(moderator, moderator.message('Second words'));
  await sheet(moderator).getByText('First words').waitFor();
  await sheet(moderator).getByRole('button', { name: 'Delete message' }).click();
  await sheet(moderator).getByText('Give a reason').waitFor();
  await sheet(moderator).getByRole('button', { name: 'Off topic' }).click();
  assert.equal(await sheet(moderator).getByRole('textbox', { name: /^Reason/ }).inputValue(), 'Off topic');
  await moderator.page.keyboard.press('Enter');
  await note(moderator).getByText('The message of Peggy is deleted.').waitFor();
  await reader.message('Second words').waitFor({ state: 'detached' });
  assert.equal((await reader.page.content()).includes('Second words'), false);

  const tombstone = moderator.page.locator(`#m${seq}`);
  await moderate(moderator, tombstone);
  await sheet(moderator).getByText('Second words').waitFor();
  await sheet(moderator).getByText('Bring the message back').click();
  await sheet(moderator).getByRole('textbox', { name: /^Reason/ }).fill('It was not off topic');
  await sheet(moderator).getByRole('button', { name: 'Bring back' }).click();
  await reader.sees('Second words');
});

test('all that somebody wrote goes at once, and comes back at once', async () => {
  const { messages } = await offender(stage, 'Sybil', 'flood one', 'flood two', 'flood three');
  const moderator = await stage.enter('Mira', { person: mira });
  const reader = await stage.enter('Emil', { person: emil });
  const wait = (state) => Promise.all(messages.map(({ text }) => reader.message(text).waitFor({ state })));
  await wait('visible');
  const open = async () => {
    await moderator.page.getByRole('listitem').filter({ hasText: 'Sybil' }).click();
    await sheet(moderator).waitFor();
  };
  await open();
  await sheet(moderator).getByText('Delete all their messages', { exact: true }).click();
  await sheet(moderator).getByRole('button', { name: 'Spam' }).click();
  await sheet(moderator).getByRole('button', { name: 'Delete all' }).click();
  await note(moderator).getByText('3 messages of Sybil deleted.').waitFor();
  await wait('detached');

  await open();
  await sheet(moderator).getByText('Bring back 3 deleted messages').click();
  await sheet(moderator).getByRole('textbox', { name: /^Reason/ }).fill('A mistake');
  await sheet(moderator).getByRole('button', { name: 'Bring back' }).click();
  await note(moderator).getByText('3 messages of Sybil brought back.').waitFor();
  await wait('visible');
});

test('a ban ends what is open, and with it go the messages if that is wanted', async () => {
  const { person, messages } = await offender(stage, 'Oscar', 'not for long');
  const banned = await stage.enter('Oscar', { person, forgive: [/401|403/] });
  const moderator = await stage.enter('Mira', { person: mira });
  await moderate(moderator, moderator.message('not for long'));
  await sheet(moderator).getByText('Ban', { exact: true }).click();
  await sheet(moderator).getByText('Also delete all their messages').click();
  await sheet(moderator).getByRole('button', { name: 'Harassment' }).click();
  await sheet(moderator).getByRole('button', { name: 'Ban' }).click();
  await note(moderator).getByText('Oscar is banned until it is lifted. 1 message deleted.').waitFor();
  await moderator.message(messages[0].text).waitFor({ state: 'detached' });
  await eventually(() => banned.banner.innerText(), 'the banned see why nothing moves');
});

test('what is in force is shown and can be lifted', async () => {
  const { client } = await offender(stage, 'Victor', 'quiet, please');
  const moderator = await stage.enter('Nora', { person: nora });
  await moderate(moderator, moderator.message('quiet, please'));
  await sheet(moderator).getByText('Mute', { exact: true }).click();
  await sheet(moderator).getByText('7 days').click();
  await sheet(moderator).getByRole('button', { name: 'Spam' }).click();
  await sheet(moderator).getByRole('button', { name: 'Mute' }).click();
  await note(moderator).getByText('Victor is muted for 7 days.').waitFor();
  assert.equal((await client.refusal('message:send', { room: 'lobby', id: 'not-while-muted', text: 'but' })).code, 'muted');

  await moderate(moderator, moderator.message('quiet, please'));
  await sheet(moderator).getByText(/^Muted until .* by Nora: Spam$/).waitFor();
  await sheet(moderator).getByText('Lift the mute').click();
  await sheet(moderator).getByRole('textbox', { name: /^Reason/ }).fill('Enough');
  await sheet(moderator).getByRole('button', { name: 'Lift mute' }).click();
  await note(moderator).getByText('Victor is not muted any more.').waitFor();
  await client.send('lobby', 'thank you');
});

test('nothing is offered against equals and oneself; what is refused is said beside the field', async () => {
  const { client, id, person } = await offender(stage, 'Walter', 'soon a moderator');
  const other = await nora.join('lobby');
  await other.send('lobby', 'said by an equal');
  const moderator = await stage.enter('Mira', { person: mira });
  await moderator.say('said by me');
  await moderator.sees('said by me');
  for (const text of ['said by an equal', 'said by me']) {
    await moderate(moderator, moderator.message(text));
    assert.equal(await sheet(moderator).getByRole('radio').count(), 0);
    assert.equal(await sheet(moderator).getByRole('textbox').count(), 0);
    await moderator.page.keyboard.press('Escape');
    await sheet(moderator).waitFor({ state: 'hidden' });
  }
  await moderate(moderator, moderator.message('soon a moderator'));
  const owner = await olga.connect('/admin');
  await owner.ok('member:role', { user: id, role: 'moderator', reason: 'Grew up' });
  await sheet(moderator).getByRole('button', { name: 'Spam' }).click();
  await sheet(moderator).getByRole('button', { name: 'Delete message' }).click();
  await sheet(moderator).getByRole('alert').getByText(/moderator/).waitFor();
  await moderator.message('soon a moderator').waitFor();
  client.close();
  person.hangUp();
});

test('what the filter holds back is let through from its card', async () => {
  const owner = await olga.connect('/admin');
  await owner.ok('rule:put', { rule: { id: 0, name: 'Raffles', kind: 'words', action: 'hold', words: ['raffle'] }, reason: 'Too many of them' });
  owner.close();
  const moderator = await stage.enter('Mira', { person: mira, path: '/admin' });
  const reader = await stage.enter('Emil', { person: emil });
  const { client } = await offender(stage, 'Tessa', 'Hello');
  const held = ['a raffle for the school', 'a raffle for myself'];
  for (const [n, text] of held.entries()) {
    assert.equal((await client.ok('message:send', { room: 'lobby', id: `held-raffle-${n}`, text })).held.state, 'waiting');
  }
  const [good, bad] = held.map((text) => card(moderator, text));
  await good.getByText('Waits for review').waitFor();
  assert.deepEqual(await good.getByRole('button').allInnerTexts(), ['Approve', 'Reject', 'Reject and mute']);
  await good.getByRole('button', { name: 'Approve' }).click();
  await reader.sees(held[0]);
  await good.getByText('Mira let it be posted').waitFor();
  await bad.getByRole('button', { name: 'Reject', exact: true }).click();
  await sheet(moderator).getByRole('button', { name: 'Off topic' }).click();
  await sheet(moderator).getByRole('button', { name: 'Reject' }).click();
  await bad.getByText('Mira rejected it').waitFor();
  assert.equal((await client.hear('held', ({ state }) => state === 'rejected')).reason, 'Off topic');
});

test('a room that is frozen or slowed by its plain form is so on open pages at once', async () => {
  const owner = await olga.connect('/general');
  await owner.ok('room:create', { name: 'Attic' });
  const reader = await stage.enter('Emil', { person: emil, path: '/rooms/attic' });
  const moderator = await stage.window(mira, { javaScriptEnabled: false });
  /** Fills the form of the room's settings that does this, and sends it. */
  const settle = async (what, seconds) => {
    await moderator.page.goto('/rooms/attic/settings');
    const form = moderator.page.locator(`form[action$="/${what}"]`);
    if (seconds) await form.getByLabel('One message every').selectOption(seconds);
    await form.getByLabel('Reason').fill('For a while');
    await form.getByRole('button').click();
  };
  await settle('freeze');
  await reader.page.locator('#frozen').waitFor();
  assert.equal(await reader.composer.isVisible(), false);
  await settle('freeze');
  await reader.composer.waitFor();
  await settle('slow', '30');
  await reader.say('one');
  await reader.sees('one');
  await reader.page.locator('#composer .composer__wait').getByText(/\d/).waitFor();
});

test('members get nothing of it', async () => {
  const window = await stage.window(emil);
  const asked = [];
  window.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await window.open('/rooms/lobby');
  const row = window.log.getByRole('article').first();
  await row.hover();
  assert.equal(await row.getByRole('link', { name: 'Moderate' }).count(), 0);
  assert.equal(await window.page.locator('#acts, .person__act').count(), 0);
  assert.deepEqual(asked.filter((name) => name.includes('moderation')), []);
  assert.ok(asked.some((name) => name.endsWith('/app.js')), 'what was asked for was counted');
});

test('after an outage moderators act as before', async () => {
  const { messages, person } = await offender(stage, 'Xaver', 'before the outage');
  const moderator = await stage.enter('Mira', { person: mira, forgive: [unreachable] });
  await moderate(moderator, moderator.message(messages[0].text)); // so that it is open when the outage comes
  await sheet(moderator).getByText('Delete the message').waitFor();
  person.hangUp();
  await stage.server.kill();
  await moderator.page.locator('#line:not([data-state="live"])').waitFor({ state: 'attached' });
  await sheet(moderator).getByRole('button', { name: 'Spam' }).click();
  await sheet(moderator).getByRole('button', { name: 'Delete message' }).click();
  await sheet(moderator).getByRole('alert').getByText('You are not connected.').waitFor();
  await stage.server.restart();
  await moderator.connected();
  await sheet(moderator).getByRole('button', { name: 'Delete message' }).click();
  await note(moderator).getByText('The message of Xaver is deleted.').waitFor();
});
