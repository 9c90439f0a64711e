"""A conversation with a server in raw bytes: what is asked, and all of what comes back."""

from __future__ import annotations

import contextlib
import re
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote

WAIT = 10.0
REFUSED = 2.0
"""Seconds for the rest of an answer that refuses a websocket; some servers never close these."""
# what no two runs share: the time, and what is drawn at random or signed with the time
RULES: tuple[tuple[bytes, bytes], ...] = (
    (rb"(?im)^((?:date|expires): ).*?(\r?)$", rb"\1<time>\2"),
    (rb"(?i)(expires=)[^;\r]*GMT", rb"\1<time>"),
    # a session signed with the time: what it says stays (Starlette, FastHTML, Flask)
    (rb"(?i)(set-cookie: session_?=[^;\r.]*)\.[\w-]{6}\.[\w-]{27}", rb"\1.<time>.<signature>"),
    (rb"(?i)(set-cookie: session_?=)\.([^;\r.]*)\.[\w-]{6}\.[\w-]{27}", rb"\1.\2.<signature>"),
    # a session encrypted with the time (Litestar)
    (rb'(?i)(set-cookie: session=)"?[\w=+/-]{80,}"?', rb"\1<encrypted>"),
    # tokens of Django: of the session, of the cookie, and the one in a form
    (rb"(?i)(set-cookie: sessionid=)[a-z0-9]{32}", rb"\1<token>"),
    (rb"(?i)(set-cookie: csrftoken=)\w{32}", rb"\1<token>"),
    (rb'(name="csrfmiddlewaretoken" value=")\w{64}', rb"\1<token>"),
    # what Django says to its next page, signed with the time
    (rb"(?i)(set-cookie: messages=[\w-]+):\w{6}:[\w-]{43}", rb"\1:<time>:<signature>"),
    # what stands between the parts of a file
    (rb"(byteranges; boundary=|\n--)[0-9a-f]{26}", rb"\1<boundary>"),
    # the time in the head of what is compressed
    (rb"(?s)(\r\n\x1f\x8b\x08.).{4}", rb"\1<time>"),
)


@dataclass(frozen=True)
class Ask:
    """One request; ``{name}`` in its parts stands for what was learnt from earlier answers."""

    verb: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunked: bool = False
    twice: bool = False
    """Whether the same is sent again in the same connection."""
    frames: tuple[bytes, ...] = ()
    """What is sent through a websocket when the connection is one."""
    answers: int = 0
    """How many frames come back before this side closes it."""


@dataclass
class Talk:
    """A client that keeps cookies, and knows the last ``etag`` and ``modified`` that it saw."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    learnt: dict[str, str] = field(default_factory=dict)

    def say(self, ask: Ask) -> bytes:
        """Return every byte of the answer to *ask*, those apart that differ in every run."""
        with socket.create_connection(("127.0.0.1", self.port), WAIT) as connection:
            read = b""
            with contextlib.suppress(ConnectionError):  # refused before all of it was read
                if ask.twice:
                    connection.sendall(self._bytes_of(ask, "keep-alive"))
                connection.sendall(self._bytes_of(ask, "close"))
            if ask.frames:
                read = _until(connection, b"\r\n\r\n")
                if read.startswith(b"HTTP/1.1 101"):
                    connection.sendall(b"".join(map(_frame, ask.frames)))
                    read += _frames(connection, ask.answers)
                    with contextlib.suppress(ConnectionError):
                        connection.sendall(_frame(b"", 8))
                else:
                    connection.settimeout(REFUSED)
            read += _rest(connection)
        self._learn(read)
        for found, shown in RULES:
            read = re.sub(found, shown, read)
        return read

    def _bytes_of(self, ask: Ask, connection: str) -> bytes:
        headers = list(ask.headers)
        if "host" not in dict(headers):
            headers.insert(0, ("host", "localhost"))
        if ask.frames:
            headers += [("connection", "Upgrade"), ("upgrade", "websocket")]
            headers += [("sec-websocket-version", "13")]
            headers += [("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")]
        else:
            headers += [("connection", connection)]
        if self.cookies:
            told = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers += [("cookie", told)]
        body = self._filled(ask.body.decode("latin-1")).encode("latin-1")
        if ask.chunked:
            headers += [("transfer-encoding", "chunked")]
            parts = (body[start : start + 1000] for start in range(0, len(body), 1000))
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        elif body or ask.verb in {"POST", "PUT", "PATCH"}:
            headers += [("content-length", str(len(body)))]
        lines = [f"{ask.verb} {self._filled(ask.path)} HTTP/1.1"]
        lines += [f"{name}: {self._filled(value)}" for name, value in headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def _filled(self, text: str) -> str:
        for name, value in self.learnt.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _learn(self, answer: bytes) -> None:
        head = answer.partition(b"\r\n\r\n")[0].decode("latin-1")
        for name, value in re.findall(r"(?im)^([\w-]+): (.*?)\r?$", head):
            if name.lower() == "etag":
                self.learnt["etag"] = value
            elif name.lower() == "last-modified":
                self.learnt["modified"] = value
            elif name.lower() == "set-cookie":
                self._keep(value)

    def _keep(self, cookie: str) -> None:
        pair, _, rest = cookie.partition(";")
        name, _, value = pair.partition("=")
        if re.search(r"max-age=0\b|1970", rest, re.IGNORECASE):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
            self.learnt[name] = unquote(value)


def begun_early(port: int, wait: str, release: str) -> bytes:
    """Return the answer of *wait*, which ends only when *release* is asked, after its start came.

    Raises TimeoutError if the start is held back until the end.
    """
    talk = Talk(port)
    with socket.create_connection(("127.0.0.1", port), WAIT) as connection:
        connection.sendall(talk._bytes_of(Ask("GET", wait), "close"))
        read = _until(connection, b"first")
        released = talk.say(Ask("POST", release))
        read += _rest(connection)
    return re.sub(*RULES[0], read) + released


def in_order(answer: bytes) -> bytes:
    """Return *answer* with the verbs of its ``Allow`` sorted.

    Litestar lists them in an order that is another one in every run.
    """
    return re.sub(rb"(?im)(?<=^allow: ).*?(?=\r?$)", _sorted, answer, count=1)


def _sorted(found: re.Match[bytes]) -> bytes:
    return b", ".join(sorted(found[0].split(b", ")))


def _until(connection: socket.socket, end: bytes) -> bytes:
    read = b""
    while end not in read:
        chunk = connection.recv(1)  # and nothing of what comes behind it
        if not chunk:
            break
        read += chunk
    return read


def _rest(connection: socket.socket) -> bytes:
    read = b""
    try:
        while chunk := connection.recv(65536):
            read += chunk
    except ConnectionError:
        pass
    except TimeoutError:
        read += b"<open>"
    return read


def _frames(connection: socket.socket, count: int) -> bytes:
    read = b""
    while count:
        head = _exactly(connection, 2)
        if not head:
            break
        more = {126: 2, 127: 8}.get(head[1], 0)
        length = _exactly(connection, more)
        read += head + length
        read += _exactly(connection, int.from_bytes(length, "big") if more else head[1])
        count -= 1
    return read


def _exactly(connection: socket.socket, count: int) -> bytes:
    read = b""
    with contextlib.suppress(ConnectionError):
        while len(read) < count and (chunk := connection.recv(count - len(read))):
            read += chunk
    return read


def _frame(data: bytes, kind: int = 1) -> bytes:
    # from clients all frames are masked, here with zeros; none is longer than 125 bytes
    return bytes([0x80 | kind, 0x80 | len(data)]) + bytes(4) + data
