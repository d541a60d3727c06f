"""Another language's client against the running program: python-socketio, as Debian packages it,
joins /general with a session cookie over each transport and calls every event it may.

Run with ROOMLINE_BINARY naming the program (make test-python does). Exits 0 if all checks pass.
"""

import contextlib
import os
import queue
import re
import subprocess
import tempfile
import threading
import unittest
import uuid

import requests
import socketio

BINARY = os.environ["ROOMLINE_BINARY"]
PASSWORD = "correct-horse-battery-7"
DEADLINE = 15  # seconds that anything may take


@contextlib.contextmanager
def serving(*flags):
    """Runs the program on a database of its own and yields the address it prints."""
    with tempfile.TemporaryDirectory(prefix="roomline-") as folder:
        command = [BINARY, "serve", "--addr=127.0.0.1:0", f"--db={folder}/test.db", *flags]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
            lines = queue.Queue()
            reader = threading.Thread(target=lambda: [lines.put(line) for line in server.stdout], daemon=True)
            reader.start()
            try:
                while True:
                    found = re.match(r"listening on (http://\S+)$", lines.get(timeout=DEADLINE).strip())
                    if found:
                        break
                yield found.group(1)
            finally:
                server.terminate()
                server.wait(timeout=DEADLINE)


def sign_up(url, name):
    """Signs up through the form and returns the browser, a session with its cookies."""
    browser = requests.Session()
    page = browser.get(f"{url}/signup", timeout=DEADLINE).text
    field = re.search(r'<input[^>]*name="_csrf"[^>]*>', page).group(0)
    token = re.search(r'value="([^"]*)"', field).group(1)
    form = {"_csrf": token, "username": name, "password": PASSWORD}
    answer = browser.post(f"{url}/signup", data=form, timeout=DEADLINE, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    return browser


def cookies(browser):
    """Returns a browser's cookies as a header, anew each time: python-socketio takes it out of what it is given."""
    return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)}


class Client:
    """One python-socketio client, in /general if nothing else is said, and what it heard."""

    EVENTS = ("hello", "message", "read", "typing", "presence", "bye", "connect_error")

    def __init__(self, url, browser, transport, *namespaces, wait=True):
        self.namespaces = list(namespaces) or ["/general"]
        self.heard = queue.Queue()
        # A connection is bound to its session: the cookie goes with every request, not only the first.
        session = requests.Session()
        session.cookies.update(browser.cookies)
        self.socket = socketio.Client(reconnection=False, http_session=session)
        for namespace in self.namespaces:
            for event in self.EVENTS:
                self.socket.on(event, self.note(namespace, event), namespace=namespace)
        self.socket.connect(url, transports=[transport], namespaces=self.namespaces, wait=wait, wait_timeout=DEADLINE)

    def note(self, namespace, event):
        """Returns a handler that keeps what comes."""
        return lambda body: self.heard.put((namespace, event, body))

    def ask(self, event, request, namespace="/general"):
        """Emits an event and returns its answer."""
        return self.socket.call(event, request, namespace=namespace, timeout=DEADLINE)

    def hear(self, event, matches=lambda body: True, namespace="/general", deadline=DEADLINE):
        """Returns the body of the next such event, passing over the others."""
        while True:
            heard = self.heard.get(timeout=deadline)
            if heard[:2] == (namespace, event) and matches(heard[2]):
                return heard[2]

    def close(self):
        self.socket.disconnect()


class Contract:
    """The scenario, once for each transport."""

    transport = ""

    @classmethod
    def setUpClass(cls):
        server = serving("--send-burst=0", "--send-rate=0", "--typing-every=0")
        cls.url = server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        cls.owner = sign_up(cls.url, "olga")
        cls.addClassCleanup(cls.owner.close)
        cls.member = sign_up(cls.url, "petra")
        cls.addClassCleanup(cls.member.close)

    def client(self, browser, *namespaces, wait=True):
        client = Client(self.url, browser, self.transport, *namespaces, wait=wait)
        self.addCleanup(client.close)
        return client

    def granted(self, client, event, request, namespace="/general"):
        answer = client.ask(event, request, namespace)
        self.assertIs(answer["ok"], True, f"{event} {request}: {answer}")
        return answer

    def typing(self, writer, reader):
        """Types until it is noticed: typing is told at most once, and not to who is busy just then."""
        for _ in range(DEADLINE * 5):
            self.granted(writer, "typing", {"room": "lobby", "on": True})
            with contextlib.suppress(queue.Empty):
                return reader.hear("typing", deadline=0.2)
        self.fail("nobody noticed the typing")

    def test_a_member_calls_every_event_there_is(self):
        petra, olga = self.client(self.member), self.client(self.owner)
        self.assertEqual(self.transport, petra.socket.transport())
        hello = petra.hear("hello")
        self.assertEqual("petra", hello["user"]["name"])
        self.assertEqual("member", hello["user"]["role"])

        rooms = self.granted(petra, "room:list", {})["rooms"]
        self.assertEqual(["lobby"], [room["slug"] for room in rooms])
        joined = self.granted(petra, "room:join", {"room": "lobby"})
        self.granted(olga, "room:join", {"room": "lobby"})

        text = "Grüße aus Python 🐍"
        draft = {"room": "lobby", "id": str(uuid.uuid4()), "text": text}
        sent = self.granted(petra, "message:send", draft)["message"]
        self.assertEqual(text, sent["text"])
        self.assertEqual(sent, self.granted(petra, "message:send", draft)["message"], "a retry is the same message")
        self.assertEqual(sent, olga.hear("message"))

        place = {"room": "lobby", "seq": sent["seq"]}
        edited = self.granted(petra, "message:edit", {**place, "text": "better"})["message"]
        self.assertEqual(edited, olga.hear("message", lambda message: message["rev"] == edited["rev"]))
        history = self.granted(petra, "room:history", {"room": "lobby", "limit": 10})
        self.assertEqual(edited, history["messages"][-1])
        read = self.granted(olga, "room:read", place)
        self.assertEqual((sent["seq"], 0), (read["lastRead"], read["unread"]))

        self.assertEqual({"id": hello["user"]["id"], "name": "petra"}, self.typing(petra, olga)["user"])

        deleted = self.granted(petra, "message:delete", place)["message"]
        self.assertIn("deletedAt", deleted)
        self.assertEqual("", deleted.get("text", ""))

        since = {"epoch": joined["room"]["epoch"], "rev": joined["room"]["head"]}
        replay = self.granted(petra, "room:join", {"room": "lobby", "since": since})
        self.assertEqual([deleted], replay["messages"], "three changes of one message come as its state")
        self.granted(petra, "room:leave", {"room": "lobby"})

    def test_wrong_input_is_answered_with_a_code(self):
        petra = self.client(self.member)
        for event, request, code in (
            ("room:join", {"room": "nowhere"}, "not_found"),
            ("room:join", "lobby", "invalid"),
            ("message:send", {"room": "lobby", "id": "x", "text": "x"}, "invalid"),
            ("message:send", b"binary", "invalid"),
            ("message:edit", {"room": "lobby", "seq": 10**15, "text": "x"}, "not_found"),
            ("room:history", {"room": "lobby", "limit": -1}, "invalid"),
        ):
            answer = petra.ask(event, request)
            self.assertIs(answer["ok"], False, f"{event} {request}")
            self.assertEqual(code, answer["error"]["code"], f"{event} {request}")

    def test_the_owner_is_in_both_namespaces_over_one_connection(self):
        olga = self.client(self.owner, "/general", "/admin")
        hellos = [olga.heard.get(timeout=DEADLINE) for _ in range(2)]
        rooms = {(namespace, hello["rooms"][0]["slug"]) for namespace, _, hello in hellos}
        self.assertEqual({("/general", "lobby"), ("/admin", "admin")}, rooms)
        self.granted(olga, "room:join", {"room": "lobby"})
        self.granted(olga, "room:join", {"room": "admin"}, "/admin")
        self.assertEqual("not_found", olga.ask("room:join", {"room": "admin"})["error"]["code"])

    def test_who_may_not_enter_is_told_why(self):
        for browser, namespace, code in (
            (requests.Session(), "/general", "unauthenticated"),
            (self.member, "/admin", "forbidden"),
        ):
            client = self.client(browser, namespace, wait=False)
            refusal = client.hear("connect_error", namespace=namespace)
            self.assertEqual(code, refusal["data"]["code"], refusal)
            self.assertNotEqual("", refusal["message"])


class OverPolling(Contract, unittest.TestCase):
    """The contract over long-polling."""

    transport = "polling"


class OverWebSocket(Contract, unittest.TestCase):
    """The contract over WebSocket."""

    transport = "websocket"


if __name__ == "__main__":
    unittest.main(verbosity=2)
