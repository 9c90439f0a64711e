"""What a request did not finish it has not done, however it ends and whoever stands around it."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from support.server import Server

Balance = Callable[[httpx.Client, str], int]
Tells = Callable[[str, str], list[str]]

KINDS = [
    "value", "key", "runtime", "lookup", "permission", "timeout", "os", "type", "zero",
    "assertion", "recursion", "memory", "unicode", "stop", "stopasync", "group", "http404",
    "surrogate", "invalid", "sql", "generator", "exit",
]  # fmt: skip
# how a hand-written route ends after it has saved 1, and what is stored then
ENDS = {
    "return-400": 0, "return-tuple": 1, "http-400": 0, "http-302": 1, "crash": 0, "stream": 11,
    "background": 11, "background-direct": 11, "nested": 2, "nested-then-400": 0,
    "value": 0, "invalid": 0, "sql": 0, "stop": 0,
}  # fmt: skip


@pytest.fixture(scope="module", params=["bare", "inside BaseHTTPMiddleware"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    if request.param == "bare":
        yield request.getfixturevalue("hostile")
        return
    script = request.getfixturevalue("hostile").script
    server = Server(script, {"HOSTILE_MIDDLEWARE": "1"}, tmp_path_factory.mktemp("middleware"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def there(server: Server, connect: Callable[[Server], httpx.Client]) -> Iterator[httpx.Client]:
    with connect(server) as client:
        yield client


@pytest.fixture
def id(there: httpx.Client, new_account: Callable[[httpx.Client], str]) -> str:
    return new_account(there)


def after(still_at_it: bool, http: httpx.Client, id: str, balance: Balance, awaited: int) -> int:
    """What is stored, once what goes on behind the answer has had the time to end."""
    deadline = time.monotonic() + (5 if still_at_it else 0)
    while (found := balance(http, id)) != awaited and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("how", ENDS)
def test_a_route_keeps_all_or_nothing(
    there: httpx.Client, id: str, how: str, balance: Balance
) -> None:
    there.post(f"/work/{id}/{how}")
    assert after(how.startswith("background"), there, id, balance, ENDS[how]) == ENDS[how]


@pytest.mark.parametrize(
    ("path", "stored"),
    [
        ("/async-work/{}/ok", 1), ("/async-work/{}/crash", 0), ("/async-work/{}/http-400", 0),
        ("/depends/{}", 12), ("/depends-crash/{}", 0), ("/depends-async/{}", 2),
        ("/accounts/{}/later", 1),
    ],
)  # fmt: skip
def test_async_routes_and_dependencies_are_part_of_the_unit(
    there: httpx.Client, id: str, path: str, stored: int, balance: Balance
) -> None:
    there.post(path.format(id))
    # FastAPI leaves dependencies when the answer is out
    assert after(path.startswith("/depends"), there, id, balance, stored) == stored


def test_a_failing_stream_body_changes_nothing_that_was_committed(
    there: httpx.Client, id: str, balance: Balance
) -> None:
    with contextlib.suppress(httpx.RemoteProtocolError):
        there.post(f"/work/{id}/stream-crash")
    assert balance(there, id) == 1


def test_a_query_changes_nothing(there: httpx.Client, id: str, balance: Balance) -> None:
    assert there.get(f"/accounts/{id}/told").status_code == 200
    assert balance(there, id) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_action_may_fail_in_any_way(
    http: httpx.Client, account: str, kind: str, balance: Balance, tells_internals: Tells
) -> None:
    path = f"/accounts/{account}/fail"
    for headers in ({}, {"accept": "text/html"}, {"datastar-request": "true"}):
        answer = http.post(path, json={"kind": kind}, headers=headers, timeout=5)
        assert not tells_internals(answer.text, "")
        if "datastar-request" in headers:
            assert answer.status_code == 200
        elif kind in ("value", "surrogate", "invalid"):
            assert answer.status_code == 422
        else:
            assert answer.status_code in (400, 404, 500)
    assert balance(http, account) == 0


def test_what_the_application_says_is_told_and_what_python_says_is_not(
    http: httpx.Client, account: str
) -> None:
    path = f"/accounts/{account}/fail"
    assert http.post(path, json={"kind": "value"}).json()["detail"] == "This cannot be."
    assert "codec" not in http.post(path, json={"kind": "unicode"}).json()["detail"]


@pytest.mark.parametrize("path", ["/accounts/{}/pay_in", "/work/{}/return-tuple"])
def test_of_fifty_at_once_each_is_counted_or_refused(
    there: httpx.Client, id: str, path: str, balance: Balance
) -> None:
    def one(_: int) -> int:
        return there.post(path.format(id), json={"amount": 1}).status_code

    with ThreadPoolExecutor(50) as threads:
        counted = Counter(threads.map(one, range(50)))
    accepted = counted[200] + counted[204]
    assert accepted + counted[409] == 50
    assert accepted > 0
    assert balance(there, id) == accepted
