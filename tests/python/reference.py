"""The reference client in Python against the running program: however it comes and goes while others post, it ends
with what there is. Run as contract.py."""

import asyncio
import importlib.util
import pathlib
import unittest

import socketio

from contract import cookies, serving, sign_up

DOCS = pathlib.Path(__file__).parents[2] / "docs"
FLAGS = ("--send-burst=0", "--send-rate=0", "--event-rate=0", "--handshake-rate=0", "--max-conns-per-addr=0", "--pending-acks=0")
DEADLINE = 60  # seconds for one transport

spec = importlib.util.spec_from_file_location("reference_client", DOCS / "reference-client.py")
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)


class Reference(unittest.IsolatedAsyncioTestCase):
    async def comes_and_goes(self, transports):
        with serving(*FLAGS) as url:
            url = url.replace("127.0.0.1", "localhost")  # aiohttp keeps no cookies for bare addresses
            people = [cookies(sign_up(url, name)) for name in ("olga", "ada")]
            speaker, client = (socketio.AsyncClient(reconnection=False) for _ in people)
            shown, live = {}, []

            def reset(messages):
                shown.clear()
                shown.update({message["seq"]: message for message in messages})

            def changed(message):
                live.append(message["rev"])
                shown[message["seq"]] = message

            room = reference.Room(client, "lobby", reset, changed)
            await speaker.connect(url, headers=dict(people[0]), transports=["websocket"], namespaces=["/general"])

            # connect takes the cookie out of the headers that it is given, hence the copies.
            async def say(text, n):
                body = {"room": "lobby", "id": f"by-olga-{n:04}", "text": text}
                return (await speaker.call("message:send", body, namespace="/general"))["message"]

            async def post():
                for n in range(0, 180, 3):
                    await asyncio.gather(*(say(f"line {n + k}", n + k) for k in range(3)))
                return await say("the last", 999)

            posting, sent = asyncio.ensure_future(post()), []
            for n in range(5):
                await client.connect(url, headers=dict(people[1]), transports=transports, namespaces=["/general"])
                sent.append(room.send(f"of ada {n}"))
                seen = len(live)
                while len(live) < seen + 5 and not posting.done():
                    await asyncio.sleep(0.01)
                await client.disconnect()
                await client.eio.wait()  # until its tasks have ended
            await client.connect(url, headers=dict(people[1]), transports=transports, namespaces=["/general"])
            last = await posting
            while room.outbox or last["seq"] not in shown:
                await asyncio.sleep(0.01)
            self.assertEqual(list(range(min(shown), max(shown) + 1)), sorted(shown), "nothing is missing")
            self.assertEqual(live, sorted(set(live)), "each change once, in order")
            mine = [shown[seq]["id"] for seq in sorted(shown) if shown[seq]["author"]["name"] == "ada"]
            self.assertEqual(mine, sent, "its own, once each and in order")
            await client.disconnect()
            await speaker.disconnect()

    async def test_polling(self):
        await asyncio.wait_for(self.comes_and_goes(["polling"]), DEADLINE)

    async def test_websocket(self):
        await asyncio.wait_for(self.comes_and_goes(["websocket"]), DEADLINE)


if __name__ == "__main__":
    unittest.main()
