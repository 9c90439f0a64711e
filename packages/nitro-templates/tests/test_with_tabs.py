"""One tab of a browser asks for the streams of all of them."""

import asyncio
import json
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

from nitro_entities import Entity
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, configure
from nitro_events.http.dispatch import answer
from nitro_events.http.problems import Forbidden
from nitro_events.joints import connect
from nitro_events.live.bundle import Bundle
from nitro_events.state import state as events
from nitro_templates import Page, Table

T = TypeVar("T")
ANN, BOB = Caller("ann", "Ann", host="testclient"), Caller("bob", "Bob", host="testclient")


class Pier(Entity):
    name: str


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    entities.state.reset()
    events.reset()
    connect()
    yield
    events.reset()
    entities.state.reset()


async def rerun(url: str) -> object | None:
    path = urlsplit(url).path
    if path == "/secret":
        raise Forbidden
    if path == "/careless":
        for pier in Pier.all():
            pier.name = "Changed by a look"
    live = Page(Table.from_entity(Pier).with_search())
    return {"/piers": live, "/careless": live, "/still": Page("hi")}.get(path)


def run(work: Coroutine[object, object, T]) -> T:
    # in a thread of its own: the browser tests keep a loop running in this one
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def request_for(body: object, caller: Caller = BOB, site: str = "same-origin") -> Request:
    return Request(
        "POST",
        "/_nitro/tabs",
        headers={
            "host": "testserver",
            "sec-fetch-site": site,
            "nitro-live": "",
            "content-type": "application/json",
        },
        body=json.dumps(body).encode(),
        client="testclient",
        caller=caller,
        rerun=rerun,
    )


async def ask(caller: Caller = BOB, **asked: Any) -> Response:
    response = await answer(request_for({"drop": [], **asked}, caller))
    assert response is not None
    return response


def shown(*urls: str, first: int = 0) -> list[dict[str, str]]:
    return [
        {"key": f"k{number}", "url": url, "cursor": "", "referrer": ""}
        for number, url in enumerate(urls, first)
    ]


async def heard(response: Response, *, until: str) -> str:
    assert response.stream is not None
    text = ""
    async with asyncio.timeout(10):
        while until not in text:
            text += (await response.stream.next()).decode()
    return text


def test_each_page_is_run_and_comes_under_its_key() -> None:
    Pier(name="North").save()
    Pier(name="South").save()

    async def main() -> str:
        response = await ask(shown=shown("/piers?q=North", "/piers?q=South"))
        text = await heard(response, until=">North<")
        text += "" if ">South<" in text else await heard(response, until=">South<")
        assert isinstance(response.stream, Bundle)
        response.stream.close()
        return text

    parts = run(main()).split("event: nitro-part\ndata: ")[1:]
    for key, name, other in (("k0", "North", "South"), ("k1", "South", "North")):
        own = "".join([part for part in parts if part.startswith(f"{key}\n")])
        assert f">{name}<" in own
        assert f">{other}<" not in own


@pytest.mark.parametrize("url", ["/still", "/secret", "/nowhere"])
def test_what_has_no_stream_is_told_apart(url: str) -> None:
    async def main() -> str:
        response = await ask(shown=shown("/piers", url))
        text = await heard(response, until="nitro-closed")
        assert response.stream is not None
        response.stream.close()
        return text

    assert "event: nitro-closed\ndata: k1\n" in run(main())


def test_who_may_not_have_streams_gets_none() -> None:
    configure(policy=lambda caller, operation, target: operation != "stream")

    async def main() -> str:
        return await heard(await ask(shown=shown("/piers")), until="nitro-closed")

    assert "data: k0" in run(main())


def test_pages_that_are_run_to_be_looked_at_change_nothing() -> None:
    pier = Pier(name="As it was").save()

    async def main() -> None:
        response = await ask(shown=shown("/careless"))
        assert response.stream is not None
        response.stream.close()

    run(main())

    assert Pier.get(pier.id).name == "As it was"


def test_more_can_be_asked_for_and_less() -> None:
    async def main() -> None:
        response = await ask(shown=shown("/piers"))
        stream = response.stream
        assert isinstance(stream, Bundle)
        await heard(response, until="nitro-tabs")

        more = await ask(to=stream.id, shown=shown("/piers?q=a", first=1), drop=["k0"])
        assert json.loads(more.body) == {"changed": True}
        await heard(response, until="data: k1\n")
        assert events.hub.stats()["streams"] == 1

        other = await ask(ANN, to=stream.id, shown=shown("/piers", first=2))
        assert json.loads(other.body) == {"changed": False}
        stream.close()
        gone = await ask(to=stream.id, shown=shown("/piers", first=3))
        assert json.loads(gone.body) == {"changed": False}

    run(main())


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"shown": [{}]},
        {"shown": shown("https://e.x/")},
        {"shown": shown("//e.x/")},
        {"shown": [{**shown("/piers")[0], "key": "a\nb"}]},
        {"shown": [], "drop": ["a b"]},
        {"shown": shown(*["/piers"] * 65)},
        {"shown": 7},
    ],
)
def test_what_no_page_of_ours_asks_for_is_refused(asked: dict[str, Any]) -> None:
    assert run(ask(**asked)).status == 400


def test_another_site_asks_for_nothing() -> None:
    request = request_for({"drop": [], "shown": shown("/piers")}, site="cross-site")

    response = run(answer(request))

    assert response is not None
    assert response.status == 403
