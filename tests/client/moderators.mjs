// The people of the tests of moderation, and what they do in more than one of them.

import assert from 'node:assert/strict';
import { Socket as Engine } from 'engine.io-client';
import { within } from './client.mjs';

/**
 * Signs up an owner, olga, and people with the names given, on a server without anybody. Each has an id;
 * the owner has a client in /admin, in owner.
 */
export async function company(server, { moderators = [], owners = [], members = [] }) {
  const people = {};
  for (const name of ['olga', ...owners, ...moderators, ...members]) people[name] = await server.signUp(name);
  const owner = await people.olga.connect('/admin');
  for (const [name, person] of Object.entries(people)) {
    const found = await owner.ok('member:list', { query: name, limit: 100 });
    person.id = found.members.find((member) => member.name === name).id;
  }
  for (const [role, names] of Object.entries({ moderator: moderators, owner: owners })) {
    for (const name of names) await owner.ok('member:role', { user: people[name].id, role, reason: 'helps here' });
  }
  return { ...people, owner };
}

/** The report of a message, which somebody must have reported. */
export async function reportOf(client, { room = 'lobby', seq }) {
  const { reports } = await client.ok('report:list', { limit: 100 });
  return reports.find((report) => report.room === room && report.seq === seq);
}

/** What comes of an event that is sent although the namespace refuses the connection: the code of the refusal. */
export async function knock(person, namespace, event, request) {
  const engine = new Engine(person.server.url, {
    path: '/socket.io/', transports: ['websocket'], extraHeaders: person.cookie ? { cookie: person.cookie } : {},
  });
  const packets = [];
  const refusals = () => packets.filter((packet) => packet.startsWith(`4${namespace},`));
  const twice = new Promise((resolve) => {
    engine.on('message', (packet) => { packets.push(packet); if (refusals().length === 2) resolve(); });
    engine.on('close', resolve);
  });
  engine.send(`0${namespace},`);
  engine.send(`2${namespace},7${JSON.stringify([event, request])}`);
  engine.send(`0${namespace},`); // what was to come of the event comes before the answer to this
  await within(twice, `two answers to CONNECT: ${packets}`);
  engine.close();
  assert.deepEqual(packets.filter((packet) => !/^[04]/.test(packet) || packet.startsWith(`0${namespace}`)), [], event);
  return JSON.parse(refusals()[0].slice(`4${namespace},`.length)).data.code;
}
