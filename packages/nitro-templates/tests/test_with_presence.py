"""Who else is here: as each person may see it, and as screen readers read it."""

import asyncio
import json
import re
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import BaseModel

from nitro_entities import Entity
from nitro_entities import state as entities
from nitro_events import Caller, Request, configure
from nitro_events.http.dispatch import answer
from nitro_events.http.results import to_response
from nitro_events.joints import connect
from nitro_events.live import presence
from nitro_events.live.presence import Roster
from nitro_events.state import state as events
from nitro_templates import Page, Presence
from nitro_templates import configure as configure_pages
from nitro_templates.context import rendering
from nitro_templates.state import state as templates
from nitro_templates.with_events import context_of

T = TypeVar("T")
ANN, BEN = Caller("ann", "Ann", host="testclient"), Caller("ben", "Ben <b>", host="testclient")
NOBODY = Caller(host="testclient")


class Lighthouse(Entity):
    name: str
    lamp_type: str = ""


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(presence, "LINGER", 0.0)
    monkeypatch.setattr(presence, "TICK", 0.02)
    entities.state.reset()
    events.reset()
    connect()
    yield
    templates.presence = False
    events.reset()
    entities.state.reset()


def run(work: Coroutine[object, object, T]) -> T:
    # in a thread of its own: the browser tests keep a loop running in this one
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def request_of(caller: Caller, path: str = "/here", agent: str = "A", **given: str) -> Request:
    headers = {"host": "testserver", "user-agent": agent, "sec-fetch-site": "same-origin", **given}
    return Request("GET", path, headers=headers, client="testclient", caller=caller)


def be_there(component: Presence, caller: Caller, agent: str = "A", path: str = "/here") -> None:
    """Have a page open for the rest of the test."""
    context = context_of(request_of(caller, path, agent))
    with rendering(context):
        for view in component.views(context):
            view.opened()


def seen(component: Presence, caller: Caller = ANN, path: str = "/here") -> str:
    with rendering(context_of(request_of(caller, path))):
        return str(component)


def names(html: str) -> list[str]:
    return re.findall(r'aria-label="([^"]*)" title', html)


def test_others_on_the_same_page_are_shown_and_oneself_is_not() -> None:
    be_there(Presence(), ANN)
    be_there(Presence(), BEN)

    assert names(seen(Presence())) == ["Ben &lt;b&gt;"]
    assert names(seen(Presence(), BEN)) == ["Ann"]
    assert names(seen(Presence(), path="/elsewhere")) == []


def test_a_thing_is_the_same_on_every_page() -> None:
    lamp = Lighthouse(name="Far").save()
    be_there(Presence(lamp), BEN, path="/lamps")

    assert names(seen(Presence(Lighthouse.get(lamp.id)))) == ["Ben &lt;b&gt;"]
    assert names(seen(Presence(Lighthouse(name="Near").save()))) == []


def test_visitors_without_a_login_are_counted_and_not_named() -> None:
    be_there(Presence("room"), NOBODY, "A")
    be_there(Presence("room"), NOBODY, "A")
    be_there(Presence("room"), NOBODY, "B")

    html = seen(Presence("room"))

    assert "2 visitors" in html
    assert names(html) == []


def test_the_policy_decides_who_is_shown_to_whom() -> None:
    def may(caller: Caller, operation: str, target: object) -> bool:
        return operation != "presence" or caller.id == "ben"

    configure(policy=may)
    for caller in (ANN, BEN, NOBODY):
        be_there(Presence("room"), caller)

    assert seen(Presence("room"), ANN).count("<li") == 0
    assert seen(Presence("room"), BEN).count("<li") == 2


def test_tenants_do_not_see_each_other() -> None:
    class Tenants:
        def __call__(self, caller: Caller, operation: str, target: object) -> bool:
            return True

        def tenant(self, caller: Caller) -> str:
            return str(caller.id)

    configure(policy=Tenants())
    be_there(Presence("room"), BEN)

    assert names(seen(Presence("room"))) == []


def test_of_many_a_few_are_shown_and_the_others_counted() -> None:
    for number in range(8):
        be_there(Presence("room"), Caller(f"c{number}", f"Caller {number}", host="testclient"))

    html = seen(Presence("room"))

    assert len(names(html)) == 5
    assert "3 more" in html


def test_who_edits_is_said_with_the_field_and_read_out_without() -> None:
    lamp = Lighthouse(name="Far").save()
    be_there(Presence(lamp, editing=True), BEN)
    mark = re.search(r'data-nitro-here="([^"]*)"', seen(Presence(lamp, editing=True), BEN))
    assert mark is not None
    told = json.dumps({"here": mark[1], "field": "lamp_type"}).encode()

    for caller, said in ((ANN, "is editing this<"), (BEN, "is editing this: Lamp type")):
        request = Request(
            "POST", "/_nitro/here", body=told, caller=caller, client="testclient",
            headers={"host": "testserver", "user-agent": "A", "content-type": "application/json"},
        )  # fmt: skip
        response = run(answer(request))
        assert response is not None
        assert response.status == 204
        assert f"Ben &lt;b&gt; {said}" in seen(Presence(lamp))  # only Ben tells where Ben is

    status = re.search(r'<p role="status">([^<]*)</p>', seen(Presence(lamp)))
    assert status is not None
    assert status[1] == "Editing this now: Ben &lt;b&gt;"


@pytest.mark.parametrize("body", [b"", b"7", b'{"here": "x", "field": 1}', b'{"field": "name"}'])
def test_what_no_form_of_ours_tells_is_refused(body: bytes) -> None:
    request = Request("POST", "/_nitro/here", body=body, caller=ANN, client="testclient",
                      headers={"content-type": "application/json"})  # fmt: skip

    response = run(answer(request))

    assert response is not None
    assert response.status == 400


def test_a_stream_is_what_makes_somebody_be_there() -> None:
    response = to_response(
        Page(Presence("room")), request_of(BEN, **{"nitro-live": events.hub.cursor()})
    )
    assert response is not None
    roster = events.part(Roster)

    async def main() -> None:
        assert response.stream is not None
        assert roster.at("#room") == []
        await response.stream.next()
        assert [one.id for one in roster.at("#room")] == ["ben"]
        response.stream.close()
        async with asyncio.timeout(5):
            while roster.at("#room"):
                await asyncio.sleep(0.01)

    run(main())


def test_generated_pages_that_edit_say_so_if_they_are_told_to() -> None:
    lamp = Lighthouse(name="Far").save()

    def page() -> str:
        response = run(answer(request_of(ANN, f"/lighthouses/{lamp.id}/edit")))
        assert response is not None
        return response.body.decode()

    assert "nitro-here" not in page()
    configure_pages(presence=True)
    assert "data-nitro-here=" in page()


def test_without_streams_nobody_is_shown() -> None:
    assert str(Presence()) == ""


def test_a_thing_that_is_stored_nowhere_is_refused() -> None:
    class Draft(BaseModel):
        name: str = ""

    with pytest.raises(TypeError, match="stored thing"):
        seen(Presence(Draft()))
