// A wire between client and server that a test can cut.

import net from 'node:net';

/** Carries bytes to a server's address, until it is cut. */
export class Wire {
  #server;
  #pairs = new Set();

  /** Lays a wire to a server; use wire.url in place of server.url. */
  static async to(server) {
    const wire = new Wire();
    wire.up = true;
    wire.#server = net.createServer((near) => wire.#carry(near, server.address));
    await new Promise((resolve) => { wire.#server.listen(0, '127.0.0.1', resolve); });
    server.closing(() => wire.close());
    wire.url = `http://127.0.0.1:${wire.#server.address().port}`;
    return wire;
  }

  #carry(near, address) {
    if (!this.up) {
      near.destroy();
      return;
    }
    const [host, port] = address.split(':');
    const far = net.connect(Number(port), host);
    const pair = () => { near.destroy(); far.destroy(); this.#pairs.delete(pair); };
    this.#pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', pair);
      from.on('close', pair);
    }
  }

  /** Drops every connection without a word and lets no new one through. */
  cut() {
    this.up = false;
    this.#pairs.forEach((end) => end());
  }

  /** Lets connections through again. */
  mend() {
    this.up = true;
  }

  /** Drops everything for good. The server's close does it too. */
  close() {
    this.cut();
    this.#server.close();
  }
}
