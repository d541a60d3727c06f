"""Follows one room and loses nothing: the reference client in Python (tests/python/reference.py runs it).

`sio` is a connected or connecting socketio.AsyncClient of /general. `reset(messages)` replaces what is shown with the
latest page, `changed(message)` is called for each new or changed message, `rejected(id, error)` for a refused send.
"""

import asyncio
import uuid

LATER = ("rate_limited", "unavailable", "internal")


class Room:
    def __init__(self, sio, slug, reset, changed, rejected=lambda id, error: None, namespace="/general"):
        self.sio, self.slug, self.namespace = sio, slug, namespace
        self.reset, self.changed, self.rejected = reset, changed, rejected
        self.position = None  # {epoch, rev}: everything up to here is known
        self.early = None  # live messages that came while a join was unanswered; None if none is
        self.outbox = {}  # id: text, in the order of sending
        self.turn = 0  # counts the joins
        # Handlers without await run in the order of the packets.
        sio.on("message", self._message, namespace=namespace)
        sio.on("connect", lambda: asyncio.ensure_future(self._join()) and None, namespace=namespace)
        sio.on("disconnect", self._gone, namespace=namespace)

    def send(self, text, id=None):
        id = id or str(uuid.uuid4())
        self.outbox[id] = text
        if self.sio.connected and self.position and self.early is None and len(self.outbox) == 1:
            asyncio.ensure_future(self._flush(self.turn))
        return id

    def _message(self, message):
        if message["room"] == self.slug:
            if self.early is None:
                self._take(message)
            else:
                self.early.append(message)

    def _gone(self, *reason):
        self.turn += 1

    def _take(self, message):
        if message["rev"] > self.position["rev"]:
            self.position["rev"] = message["rev"]
            self.changed(message)

    async def _join(self):
        self.turn += 1
        turn, self.early = self.turn, []  # the answer is handled after later packets: they wait for it
        request = {"room": self.slug} | ({"since": self.position} if self.position else {})
        joined = await self._ask(turn, "room:join", request)
        if not joined or not joined["ok"]:
            return
        if self.position is None or "reset" in joined:
            self.reset(joined["messages"])
        else:
            for message in joined["messages"]:
                self._take(message)
        self.position = {"epoch": joined["room"]["epoch"], "rev": joined["room"]["head"]}
        early, self.early = self.early, None
        for message in early:
            self._take(message)
        await self._flush(turn)

    async def _flush(self, turn):
        while self.outbox:  # one after the other, which keeps their order
            id, text = next(iter(self.outbox.items()))
            sent = await self._ask(turn, "message:send", {"room": self.slug, "id": id, "text": text})
            if sent is None:
                return  # after the next join it is sent again, with the same id
            del self.outbox[id]
            if not sent["ok"]:
                self.rejected(id, sent["error"])

    async def _ask(self, turn, event, body):
        """Returns the answer, after retrying what may pass later, or None if the connection ended meanwhile."""
        while turn == self.turn:
            try:
                answer = await self.sio.call(event, body, namespace=self.namespace, timeout=15)
            except Exception:  # no answer, or no connection: asked again, or after the next join
                answer = None
            if turn != self.turn:
                return None
            if answer and (answer["ok"] or answer["error"]["code"] not in LATER):
                return answer
            await asyncio.sleep(answer["error"].get("retryAfter", 1) if answer else 1)
        return None
