// Leaving a page: what was read on it stays read.

import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage } from './stage.mjs';

let stage, client;

before(async () => {
  stage = await Stage.open();
  client = await (await stage.server.signUp('olga')).connect('/general');
  await client.ok('room:create', { name: 'Attic' });
});
afterEach(() => stage.clear());
after(() => stage.close());

for (const [name, webSocket] of [['by-websocket', true], ['by-polling', false]]) {
  test(`a message seen just before leaving is read: ${name}`, async () => {
    const ned = await stage.enter(name, { webSocket, forgive: [/WebSocket/] });
    const text = `seen ${name}`;
    await client.ok('message:send', { room: 'lobby', id: crypto.randomUUID(), text });
    await ned.sees(text);
    await ned.page.goto('/rooms/attic');
    const other = await ned.person.connect('/general');
    await eventually(async () => {
      const { rooms } = await other.ok('room:list', {});
      return rooms.find(({ slug }) => slug === 'lobby').unread === 0;
    }, 'the lobby is read', 5000);
  });
}
