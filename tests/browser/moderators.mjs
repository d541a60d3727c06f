// The people of the tests of moderation: an owner, two moderators, a member who reports, and offenders.

/** Signs up an owner, two moderators and a member on the stage's server. */
export async function company(stage) {
  const { server } = stage;
  const people = { olga: await server.signUp('Olga') };
  const owner = await people.olga.connect('/admin');
  for (const name of ['Mira', 'Nora']) {
    people[name.toLowerCase()] = await server.signUp(name);
    const { members } = await owner.ok('member:list', { query: name });
    await owner.ok('member:role', { user: members[0].id, role: 'moderator', reason: 'Helps here' });
  }
  owner.close();
  people.emil = await server.signUp('Emil');
  return people;
}

/** A new member with messages in the lobby. */
export async function offender(stage, name, ...texts) {
  const person = await stage.server.signUp(name);
  const client = await person.join('lobby');
  const messages = [];
  for (const text of texts) messages.push(await client.send('lobby', text));
  return { person, client, messages, id: messages[0].author.id };
}

/** Somebody reports a message in the lobby. */
export async function report(person, { seq }, reason = 'Spam') {
  const client = await person.join('lobby');
  await client.ok('message:report', { room: 'lobby', seq, reason });
  client.close();
}

/** The card of the message with this text, in the moderators' room. */
export const card = (window, text) => window.page.locator('.card').filter({ hasText: text });

/** The sheet in which a moderator acts. */
export const sheet = (window) => window.page.getByRole('dialog').and(window.page.locator('#acts'));

/** The line below the conversation that says what was done. */
export const note = (window) => window.page.locator('#composer-note');
