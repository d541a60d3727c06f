// The chat server that the Socket.IO documentation leads to, on one Node process.
//
//     node server.mjs [--durable DATABASE]
//
// A client joins a room and sends texts; everybody in the room hears them, the sender included.
// With --durable each text is stored first, in a commit of its own that is on the disk before
// anybody hears of it.
//
// Everything is the libraries' default: WebSocket and long-polling, heartbeats every 25 seconds, no
// compression of WebSockets. What the documentation offers for speed would change nothing here:
// of the native add-ons of `ws` one is for Node before 18, and the other unmasks what clients
// send, one text of a thousand deliveries; to let go of the first request of each client
// measured the same memory. More processes would want a balancer that keeps a client's requests
// together and an adapter between them; they spread the work over more cores but do not make
// it less.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Server } from "socket.io";

const { durable } = parseArgs({ options: { durable: { type: "string" } } }).values;
const store = durable ? await openStore(durable) : countUp();
const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack({ ok: true });
  });
  socket.on("send", ({ room, text }, ack) => {
    const seq = store(room, text);
    io.to(room).emit("message", { room, seq, text });
    ack({ ok: true });
  });
});

http.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});

function countUp() {
  let seq = 0;
  return () => ++seq;
}

// better-sqlite3 is synchronous: a commit holds up the process for as long as the disk takes,
// which its authors found faster than handing it to a thread. It comes with NORMAL for WAL,
// which may lose what was acknowledged when the power fails. Nothing reads the table here,
// so that it has no other index to keep.
async function openStore(path) {
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec(`CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY, room TEXT NOT NULL, text TEXT NOT NULL, sent_at INTEGER NOT NULL
  )`);
  const insert = db.prepare("INSERT INTO messages (room, text, sent_at) VALUES (?, ?, ?)");
  return (room, text) => insert.run(room, text, Date.now()).lastInsertRowid;
}
