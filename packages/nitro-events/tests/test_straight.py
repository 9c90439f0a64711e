"""The straight way of a call and the chain of middlewares come to the same, whatever happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import Field

nitro_entities = pytest.importorskip("nitro_entities")

from nitro_entities import Change, Entity, UnitOfWork, changes, classes  # noqa: E402
from nitro_events import action, inline  # noqa: E402
from nitro_events.http.dispatch import answer  # noqa: E402
from nitro_events.http.request import Request  # noqa: E402
from nitro_events.http.response import Response  # noqa: E402
from nitro_events.middleware import retry, standard  # noqa: E402
from nitro_events.middleware.chain import Chain  # noqa: E402
from nitro_events.middleware.straight import Straight  # noqa: E402
from nitro_events.middleware.work import Steps, Work  # noqa: E402
from nitro_events.policy import Caller  # noqa: E402
from nitro_events.settings import configure  # noqa: E402
from nitro_events.state import state  # noqa: E402
from nitro_events.units import current_unit  # noqa: E402
from nitro_events.with_entities import connect  # noqa: E402

Small = Annotated[int, Field(ge=0, le=100)]
CALLS: list[str] = []


class StraightVase(Entity):
    id: str
    flowers: int = 0
    overtaken: int = 0

    def put(self, how: str, flowers: int) -> object:
        """Put flowers into it, and end in one of the ways there are."""
        CALLS.append(how)
        self.flowers += flowers
        if how == "refused":
            raise ValueError("No such flowers")
        if how == "broken":
            raise RuntimeError("secret detail")
        if how == "stopped":
            raise StopIteration
        if how == "other":
            StraightVase.get("blue").flowers += 1
        if how == "deleted":
            self.delete()
        if how == "invalid":
            self.flowers = "many"  # type: ignore[assignment]
        if how.startswith("overtaken") and len(CALLS) <= int(how[-1]):
            with UnitOfWork(independent=True):
                theirs = StraightVase.get(self.id)
                theirs.overtaken += 1
                theirs.save()
        return self if how == "itself" else None if how == "nothing" else {"now": self.flowers}

    @action(retry=2)
    def put_in(self, how: str, flowers: Small = 1) -> object:
        return self.put(how, flowers)

    @action(retry=2)
    async def aput_in(self, how: str, flowers: Small = 1) -> object:
        await asyncio.sleep(0)
        return self.put(how, flowers)

    @action(retry=2)
    def disguised(self, how: str, flowers: Small = 1) -> object:
        return self.aput_in(how, flowers)

    @action
    def each(self, how: str, flowers: Small = 1) -> Iterator[object]:
        yield {"first": 1}
        yield self.put(how, flowers)

    @action
    async def aeach(self, how: str, flowers: Small = 1) -> AsyncIterator[object]:
        yield {"first": 1}
        yield self.put(how, flowers)


def passing(_: Work) -> Steps:
    """Change nothing, and keep the call from going straight."""
    return (yield)


def of_ann_only(caller: Caller, _operation: str, _target: object) -> bool:
    """Let one of them in."""
    return caller.id == "ann"


@pytest.fixture(autouse=True)
def _connected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    nitro_entities.state.reset()
    monkeypatch.setattr(retry, "LONGEST", 0.0)
    connect()
    yield
    state.reset()
    nitro_entities.state.reset()


async def answered(request: Request) -> Response:
    """Return the answer, with nothing left open behind it."""
    response = await answer(request)
    assert response is not None
    assert current_unit() is None
    return response


def came_to(middleware: list[Any], method: str, sent: dict[str, Any], where: str) -> object:
    """Return all that can be seen of one request: answer, store, changes told and calls."""
    nitro_entities.state.reset()
    state.reset()
    connect()
    configure(secret="k" * 32, middleware=middleware, policy=sent["policy"], env="development")
    StraightVase(id="red", flowers=3).save()
    StraightVase(id="blue").save()
    told: list[Change] = []
    end = changes.subscribe(told.extend, may_wait=False)
    CALLS.clear()
    request = Request(
        "POST",
        f"/{classes.slug(StraightVase)}/{sent['id']}/{method}",
        headers={"content-type": sent["kind"], **sent["headers"]},
        body=sent["body"],
        caller=Caller(sent["caller"], sent["caller"], host="127.0.0.1"),
    )
    asked = answered(request)
    response = inline.run(asked) if where == "inline" else asyncio.run(asked)
    end()
    body = json.loads(response.body) if response.body.startswith(b"{") else response.body
    if isinstance(body, dict) and response.status == 500:
        del body["id"]  # under which it is in the log: another one each time
    left = [(vase.id, vase.flowers, vase.overtaken) for vase in StraightVase.all()]
    changed = [(one.id, one.operation, one.fields, one.by) for one in told]
    return response.status, response.headers, body, left, changed, list(CALLS)


_WAYS = "well refused broken stopped other deleted invalid itself nothing"
_HOW = st.sampled_from([*_WAYS.split(), "overtaken1", "overtaken2", "overtaken9"])
_NUMBERS = st.sampled_from([0, 2, 100, 101, -1, "7", "x", None, 1.5, True, [1], {"a": 1}])
_VALUES = st.fixed_dictionaries({"how": _HOW}, optional={"flowers": _NUMBERS, "more": st.text()})
_BODIES = st.one_of(
    _VALUES.map(lambda values: ("application/json", json.dumps(values).encode())),
    _VALUES.map(lambda values: ("application/json", json.dumps(values).encode("utf-16"))),
    _VALUES.map(lambda values: ("application/x-www-form-urlencoded", urlencode(values).encode())),
    st.sampled_from(
        [
            ("application/json", b""),
            ("application/json", b"[1]"),
            ("application/json", b'{"how": "well", "how": "well"}'),
            ("application/json", b'{"how": "well", "flowers": 1e999}'),
            ("application/json", b'{"how": "\\ud800"}'),
            ("application/json", b'{"how": "well", "more": ' + b"[" * 40 + b"]" * 40 + b"}"),
            ("application/json", b'{"how": "well", "flowers": ' + b"1" * 101 + b"}"),
            ("application/json; charset=latin-1", '{"how": "wéll"}'.encode("latin-1")),
            ("text/plain", b'{"how": "well"}'),
        ]
    ),
)
_HEADERS = st.sampled_from(
    [{}, {"datastar-request": "true"}, {"idempotency-key": "k1"}, {"sec-fetch-site": "cross-site"}]
)
_SENT = st.builds(
    lambda body, **rest: {"kind": body[0], "body": body[1], **rest},
    body=_BODIES,
    headers=_HEADERS,
    id=st.sampled_from(["red", "red", "red", "green"]),
    caller=st.sampled_from(["ann", "bob", None]),
    policy=st.sampled_from([of_ann_only, lambda *_: True]),
)


def overtaken(often: int) -> dict[str, Any]:
    """Return a call during which others are faster so *often*."""
    body = json.dumps({"how": f"overtaken{often}"}).encode()
    sent = {"kind": "application/json", "body": body, "headers": {}, "id": "red"}
    return {**sent, "caller": "ann", "policy": of_ann_only}


@example(method="put_in", sent=overtaken(2), where="inline")
@example(method="put_in", sent=overtaken(3), where="on a loop")
@example(method="aput_in", sent=overtaken(2), where="on a loop")
@example(method="aput_in", sent=overtaken(3), where="on a loop")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["put_in", "aput_in", "disguised", "each", "aeach"]),
    sent=_SENT,
    where=st.sampled_from(["inline", "on a loop"]),
)
def test_both_ways_come_to_the_same(method: str, sent: dict[str, Any], where: str) -> None:
    straight = came_to([], method, sent, where)

    assert came_to([passing], method, sent, where) == straight


def work_of(name: str, **given: Any) -> Work:
    target = state.targets.by_kind(StraightVase)
    assert target is not None
    from nitro_events.http.inputs import Input
    from nitro_events.http.operations import ActionOperation

    operation = ActionOperation(target, target.actions()[name], "red")
    return Work(operation.job(Input(), None), joins=True, **given)


def test_the_usual_call_goes_straight_and_the_unusual_by_the_chain() -> None:
    assert isinstance(standard.standard(work_of("put_in")), Straight)
    assert isinstance(standard.standard(work_of("put_in", key="k")), Chain)

    configure(middleware=[passing])

    assert isinstance(standard.standard(work_of("put_in")), Chain)
