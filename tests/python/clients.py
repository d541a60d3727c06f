"""python-socketio, blocking and asyncio, signs in both ways it has (headers= and http_session=) over every transport:
it connects, joins the lobby, sends and hears what another says. Run as contract.py."""

import asyncio
import queue
import socket
import unittest
import uuid

import aiohttp
import requests
import socketio

from contract import DEADLINE, cookies, serving, sign_up

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}
NAMESPACE = "/general"


def draft(text):
    return {"room": "lobby", "id": str(uuid.uuid4()), "text": text}


class Clients(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        server = serving("--send-burst=0", "--send-rate=0")
        cls.url = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        cls.people = [sign_up(cls.url, name) for name in ("olga", "petra")]
        for browser in cls.people:
            cls.addClassCleanup(browser.close)

    def each(self, scenario):
        """Yields the transports by name, each as a subtest."""
        for name, transports in TRANSPORTS.items():
            with self.subTest(scenario=scenario, transport=name):
                yield transports

    def talk(self, transports, connect):
        """The scenario, blocking: connect returns a client that is signed in as a person."""
        heard, pair = queue.Queue(), []
        for browser in self.people:
            client, options = connect(browser)
            client.on("message", heard.put, namespace=NAMESPACE)
            self.addCleanup(client.disconnect)
            client.connect(self.url, transports=transports, namespaces=[NAMESPACE], wait_timeout=DEADLINE, **options)
            self.assertEqual(transports[-1], client.transport())
            joined = client.call("room:join", {"room": "lobby"}, namespace=NAMESPACE, timeout=DEADLINE)
            self.assertIs(joined["ok"], True, joined)
            pair.append(client)
        for client in pair:
            sent = client.call("message:send", draft("Grüße"), namespace=NAMESPACE, timeout=DEADLINE)
            self.assertIs(sent["ok"], True, sent)
            copies = [heard.get(timeout=DEADLINE) for _ in pair]
            self.assertEqual([sent["message"]] * 2, copies, "both hear it")
        for client in pair:
            client.disconnect()

    async def talk_async(self, transports, connect):
        """The scenario with asyncio."""
        heard, pair = asyncio.Queue(), []
        for browser in self.people:
            client, options = connect(browser)
            client.on("message", heard.put_nowait, namespace=NAMESPACE)
            self.addAsyncCleanup(client.disconnect)
            await client.connect(
                self.url, transports=transports, namespaces=[NAMESPACE], wait_timeout=DEADLINE, **options
            )
            self.assertEqual(transports[-1], client.transport())
            joined = await client.call("room:join", {"room": "lobby"}, namespace=NAMESPACE, timeout=DEADLINE)
            self.assertIs(joined["ok"], True, joined)
            pair.append(client)
        for client in pair:
            sent = await client.call("message:send", draft("Grüße"), namespace=NAMESPACE, timeout=DEADLINE)
            self.assertIs(sent["ok"], True, sent)
            copies = [await asyncio.wait_for(heard.get(), DEADLINE) for _ in pair]
            self.assertEqual([sent["message"]] * 2, copies, "both hear it")
        for client in pair:
            await client.disconnect()
            await client.eio.wait()  # until its tasks have ended; the last one may open a session anew
            await client.eio.http.close()

    def test_headers(self):
        for transports in self.each("headers"):
            self.talk(transports, lambda browser: (socketio.Client(reconnection=False), {"headers": cookies(browser)}))

    def test_headers_from_a_function_survive_a_reconnection(self):
        for transports in self.each("reconnection"):
            client, entered = socketio.Client(reconnection_delay=0.05), queue.Queue()
            client.on("connect", lambda: entered.put("in"), namespace=NAMESPACE)
            client.on("connect_error", entered.put, namespace=NAMESPACE)
            self.addCleanup(client.disconnect)
            client.connect(
                self.url,
                headers=lambda: cookies(self.people[0]),
                transports=transports,
                namespaces=[NAMESPACE],
                wait_timeout=DEADLINE,
            )
            self.assertEqual("in", entered.get(timeout=DEADLINE))
            if transports == ["polling"]:
                requests.post(client.eio.base_url, data="1", timeout=DEADLINE)  # the server ends the session
            else:
                client.eio.ws.sock.shutdown(socket.SHUT_RDWR)
            self.assertEqual("in", entered.get(timeout=DEADLINE), "signed in again")
            client.disconnect()

    def test_http_session(self):
        def connect(browser):
            session = requests.Session()
            self.addCleanup(session.close)
            session.cookies.update(browser.cookies)
            return socketio.Client(reconnection=False, http_session=session), {}

        for transports in self.each("http_session"):
            self.talk(transports, connect)

    async def test_asyncio_headers(self):
        for transports in self.each("asyncio headers"):
            await self.talk_async(
                transports, lambda browser: (socketio.AsyncClient(reconnection=False), {"headers": cookies(browser)})
            )

    async def test_asyncio_http_session(self):
        def connect(browser):
            jar = aiohttp.CookieJar(unsafe=True)  # aiohttp keeps no cookies for bare addresses otherwise
            session = aiohttp.ClientSession(cookie_jar=jar)
            self.addAsyncCleanup(session.close)
            session.cookie_jar.update_cookies(browser.cookies.get_dict())
            return socketio.AsyncClient(reconnection=False, http_session=session), {}

        for transports in self.each("asyncio http_session"):
            await self.talk_async(transports, connect)


if __name__ == "__main__":
    unittest.main(verbosity=2)
