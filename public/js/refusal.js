/** Longer texts are pages of something in front of the server, not its words. */
const LONGEST = 200;

/** The code of the answer to a handshake that is refused only for its method. */
const BAD_METHOD = 2;

/**
 * The server's words in the body of a refusal, '' if it has none.
 * @param {unknown} body
 * @returns {string}
 */
export function wordsOf(body) {
  if (typeof body !== 'string') return '';
  try {
    const message = JSON.parse(body)?.message;
    return typeof message === 'string' ? message.slice(0, LONGEST) : '';
  } catch {
    const line = body.trim();
    return line.length <= LONGEST && !/[<\n]/.test(line) ? line : '';
  }
}

/**
 * Why a connection failed, in the server's words; '' if it did not say.
 * @param {string} error the message of socket.io-client's transport
 * @param {unknown} body of the answer, if there is one
 * @param {{uri: string, opts: {path: string}}} manager
 */
export async function whyRefused(error, body, { uri, opts }) {
  if (error !== 'websocket error') return wordsOf(body);
  return askWhy(new URL(`${opts.path.replace(/\/$/, '')}/`, uri).href);
}

/**
 * Asks by plain HTTP why the server refuses WebSockets, whose errors say nothing in a browser. A POST without a session is
 * refused in any case, and has the same origin as a WebSocket; a handshake tells of limits.
 * @param {string} url of the transports
 * @returns {Promise<string>} the server's words, '' if it does not refuse or cannot be asked
 */
export async function askWhy(url) {
  const polling = `${url}${url.includes('?') ? '&' : '?'}EIO=4&transport=polling`;
  /** @param {string} to @param {RequestInit} [options] */
  const ask = async (to, options) => {
    const answer = await fetch(to, { credentials: 'include', cache: 'no-store', ...options });
    return { ok: answer.ok, body: await answer.text() };
  };
  try {
    const posted = await ask(polling, { method: 'POST' });
    if (!posted.ok && !posted.body.startsWith(`{"code":${BAD_METHOD},`)) return wordsOf(posted.body);
    const opened = await ask(polling);
    if (!opened.ok) return wordsOf(opened.body);
    const { sid } = JSON.parse(opened.body.slice(1));
    await ask(`${polling}&sid=${encodeURIComponent(sid)}`, { method: 'POST', body: '1' }); // it was only to ask
  } catch {
    // There is no server, or it does not let this page read its answers.
  }
  return '';
}
