// The people of the tests of moderation, and what they do in more than one of them.

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

/** A client that is in rooms of /general, the first of them in its joined. */
export async function inRooms(person, ...rooms) {
  const client = await person.join(rooms[0]);
  for (const room of rooms.slice(1)) await client.ok('room:join', { room });
  return client;
}

/** The report of a message, which somebody must have reported. */
export async function reportOf(client, { room = 'lobby', seq }) {
  const { reports } = await client.ok('report:list', { limit: 100 });
  return reports.find((report) => report.room === room && report.seq === seq);
}
