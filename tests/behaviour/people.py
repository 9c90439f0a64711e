"""Who asks: programs, browsers with and without scripts, and pages that listen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType

import httpx

from behaviour.hosts import Hosted
from support.form_html import FormReader, sent_by

# what no answer may tell: places, classes, statements, traces, secrets
INTERNALS = re.compile(
    r"Traceback|File \"|site-packages|/tests/behaviour|<class |<\w+ object at|sqlite|SELECT |"
    r"UPDATE |INSERT |nitro_version|nitro_entities|nitro_events|secret detail|OperationalError",
    re.IGNORECASE,
)
# asks as a program does, whoever the client is
JSON = {"accept": "application/json", "datastar-request": ""}
HTML = {"accept": "text/html", "datastar-request": ""}
TABS = {"nitro-live": "", "datastar-request": ""}
CURSOR = re.compile(r'data-cursor="([^"]+)"')


def client(server: Hosted, **headers: str) -> httpx.Client:
    """Return a client of *server*; header names with ``_`` for ``-``."""
    # one connection a request: a server that restarts would leave old ones dead
    limits = httpx.Limits(max_keepalive_connections=0)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Client(
        base_url=server.url, headers=named, timeout=20, limits=limits, trust_env=False
    )


def program(server: Hosted) -> httpx.Client:
    """Return a program: it sends what it is told to, and says where it is from if asked twice."""
    return client(server)


def browser(server: Hosted) -> httpx.Client:
    """Return a browser without scripts."""
    return client(server, accept="text/html", origin=server.url, sec_fetch_site="same-origin")


def datastar(server: Hosted) -> httpx.Client:
    """Return a browser with Datastar."""
    accept = "text/event-stream, text/html, application/json"
    return client(
        server,
        accept=accept,
        datastar_request="true",
        origin=server.url,
        sec_fetch_site="same-origin",
    )


def tells(text: str, sent: str = "") -> list[str]:
    """Return the internals in *text* that the caller did not send."""
    found: list[str] = INTERNALS.findall(text)
    return [word for word in found if word.lower() not in sent.lower()]


def make(http: httpx.Client, name: str, **values: object) -> str:
    """Make a parcel and return its id."""
    answer = http.post("/parcels", json={"name": name, **values}, headers=JSON)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def read(http: httpx.Client, id: str) -> dict[str, object]:
    """Return what is stored of a parcel."""
    answer = http.get(f"/one/{id}", headers=JSON)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def form_at(http: httpx.Client, path: str, **typed: str) -> FormReader:
    """Open the form at *path* and fill in what is *typed*."""
    page = http.get(path, headers=HTML)
    assert page.status_code == 200, page.text
    found = re.search(r'<form id="(form-[^"]+)" method="post"', page.text)
    assert found, page.text[:3000]
    form = sent_by(page.text, found[1])
    form.sent = [(name, typed.get(name, text)) for name, text in form.sent]
    assert typed.keys() <= dict(form.sent).keys(), form.sent
    return form


def send(http: httpx.Client, form: FormReader) -> httpx.Response:
    """Send *form* as a browser does."""
    return http.post(form.action, data=dict(form.sent))


class Listening:
    """The live stream of the page at *path*, with all that came so far."""

    def __init__(
        self,
        server: Hosted,
        path: str = "/",
        *,
        http: httpx.Client | None = None,
        cursor: str | None = None,
        last: str | None = None,
    ) -> None:
        self._http = http or datastar(server)
        if cursor is None:
            page = self._http.get(path, headers=HTML)
            found = CURSOR.search(page.text)
            assert found, (page.status_code, page.text[:2000])
            cursor = str(found[1])
        headers = {"nitro-live": cursor, "datastar-request": "true"}
        if last is not None:
            headers["last-event-id"] = last
        self._opening = self._http.stream("GET", path, headers=headers, timeout=10)
        self.cursor = cursor
        self.text = ""

    def __enter__(self) -> Listening:
        self.answer = self._opening.__enter__()
        self._chunks: Iterator[str] = self.answer.iter_text()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opening.__exit__(kind, error, trace)

    @property
    def last_id(self) -> str:
        """The position that came last, else that of the page."""
        found: list[str] = re.findall(r"^id: (\S+)$", self.text, re.M)
        return found[-1] if found else self.cursor

    def until(self, words: str, seconds: float = 10) -> str:
        """Read on until *words* came, and return all that was heard."""
        deadline = time.monotonic() + seconds
        while words not in self.text:
            try:
                self.text += next(self._chunks)
            except (StopIteration, httpx.HTTPError) as error:
                raise AssertionError(f"{words!r} never came ({error!r}): {self.text}") from error
            if time.monotonic() > deadline:
                raise AssertionError(f"{words!r} did not come in time: {self.text}")
        return self.text

    def ends(self, seconds: float = 5) -> None:
        """Read to the end, which must come within *seconds*."""
        deadline = time.monotonic() + seconds
        try:
            for chunk in self._chunks:
                self.text += chunk
                assert time.monotonic() < deadline, "the stream goes on"
        except httpx.ReadTimeout as error:
            raise AssertionError("the stream goes on") from error
        except httpx.RemoteProtocolError:
            pass  # cut in the middle of a chunk: an end as well
        assert time.monotonic() < deadline, "the stream ended late"


class Tabs:
    """The pages of several tabs, followed over one stream: what came for each, by its name.

    What the stream says of itself is under ``"tabs"``, what cannot be had under ``"closed"``.
    """

    def __init__(self, server: Hosted, **shown: str) -> None:
        self._http = datastar(server)
        self._shown = shown
        self.id = ""
        self.text: dict[str, str] = {}
        self._rest = ""
        self._name = ""

    def __enter__(self) -> Tabs:
        self._opening = self._http.stream(
            "POST", "/_nitro/tabs", json=self._asked(self._shown), headers=TABS, timeout=10
        )
        self.answer = self._opening.__enter__()
        self._chunks: Iterator[str] = self.answer.iter_text()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opening.__exit__(kind, error, trace)
        self._http.close()

    def ask(
        self, shown: Mapping[str, str], to: str | None = None, drop: Sequence[str] = ()
    ) -> httpx.Response:
        """Ask for another set of pages."""
        return self._http.post("/_nitro/tabs", json=self._asked(shown, to, drop), headers=TABS)

    def until(self, words: str, name: str, seconds: float = 10) -> None:
        """Read on until *words* came for the page called *name*."""
        deadline = time.monotonic() + seconds
        while words not in self.text.get(name, ""):
            assert time.monotonic() < deadline, f"{words!r} did not come in time: {self.text}"
            *events, self._rest = (self._rest + next(self._chunks)).split("\n\n")
            for event in events:
                self._understand(event)

    def _understand(self, event: str) -> None:
        special = re.fullmatch(r"event: nitro-(\w+)\ndata: (.*)", event)
        if special is None:
            self.text[self._name] = self.text.get(self._name, "") + event + "\n\n"
        elif special[1] == "part":
            self._name = special[2]
        else:
            self.text[special[1]] = self.text.get(special[1], "") + special[2]
            self.id = special[2] if special[1] == "tabs" else self.id

    def _asked(
        self, shown: Mapping[str, str], to: str | None = None, drop: Sequence[str] = ()
    ) -> dict[str, object]:
        pages = [
            {"key": key, "url": url, "cursor": "", "referrer": ""} for key, url in shown.items()
        ]
        return {"to": to, "shown": pages, "drop": list(drop)}
