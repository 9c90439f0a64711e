"""One server that every test of this folder attacks, and what is needed to look at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from support.server import Server

APP = Path(__file__).parent / "app.py"
KEEPING = Path(__file__).parent / "keeping_app.py"
# what no answer may tell: places, classes, statements, traces, secrets
INTERNALS = re.compile(
    r"Traceback|File \"|site-packages|/tests/hostile|<class |<\w+ object at|sqlite|SELECT |"
    r"UPDATE |INSERT |nitro_version|nitro_entities|nitro_events|canary-7f3a91|OperationalError",
    re.IGNORECASE,
)


def client_of(server: Server) -> httpx.Client:
    # one connection a request: after an error of the application the server closes it
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=server.url, timeout=30, limits=limits, trust_env=False)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application of this folder, served."""
    server = Server(APP, {}, tmp_path_factory.mktemp("hostile"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def http(hostile: Server) -> Iterator[httpx.Client]:
    with client_of(hostile) as client:
        yield client


@pytest.fixture(scope="session")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What keeps files, drafts, imports, undo and views of people, served."""
    server = Server(KEEPING, {}, tmp_path_factory.mktemp("keeping"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def person(keeping: Server) -> Iterator[Callable[..., httpx.Client]]:
    """``person("ann", tenant="a")``: a browser where she is logged in; without a name nobody."""
    clients: list[httpx.Client] = []

    def make(name: str | None = None, tenant: str | None = None) -> httpx.Client:
        said = {"x-user": name, "x-tenant": tenant}
        headers = {"sec-fetch-site": "same-origin"} | {n: v for n, v in said.items() if v}
        clients.append(client_of(keeping))
        clients[-1].headers.update(headers)
        return clients[-1]

    yield make
    with client_of(keeping) as client:
        client.post("/deny", json=[])
    for client in clients:
        client.close()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """``new_server(name, **env)``: another server of the same application, not started."""
    servers: list[Server] = []

    def make(name: str = "server", **env: str) -> Server:
        folder = tmp_path / name
        folder.mkdir()
        servers.append(Server(APP, env, folder))
        return servers[-1]

    yield make
    for server in servers:
        server.kill()


@pytest.fixture
def connect() -> Callable[[Server], httpx.Client]:
    """``connect(server)``: a client of that server."""
    return client_of


@pytest.fixture
def account(http: httpx.Client) -> str:
    """The id of a new account, with a balance of 0."""
    return make_account(http)


@pytest.fixture
def new_account() -> Callable[[httpx.Client], str]:
    """``new_account(client)``: the id of a new account there."""
    return make_account


def make_account(http: httpx.Client) -> str:
    answer = http.post("/accounts", json={"name": "Ann"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
def balance() -> Callable[[httpx.Client, str], int]:
    """``balance(client, id)``: what is stored."""

    def read(http: httpx.Client, id: str) -> int:
        return int(http.get(f"/accounts/{id}/worth").text)

    return read


@pytest.fixture
def seal_on() -> Callable[[httpx.Response], str]:
    """``seal_on(answer)``: the seal of the form on a page."""

    def find(answer: httpx.Response) -> str:
        found = re.search(r'name="_nitro" value="([^"]*)"', answer.text)
        assert found, answer.text[:2000]
        return unescape(found[1])

    return find


@pytest.fixture
def tells_internals() -> Callable[[str, str], list[str]]:
    """``tells_internals(body, sent)``: the internals in *body* that the caller did not send."""

    def find(body: str, sent: str = "") -> list[str]:
        found = INTERNALS.findall(body)
        return [word for word in found if word.lower() not in sent.lower()]

    return find
