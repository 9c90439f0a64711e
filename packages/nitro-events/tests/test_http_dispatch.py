"""The whole way of a request, with a shelf of books for a store."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from nitro_events.http.dispatch import answer, present_problem
from nitro_events.http.request import Request, current_request
from nitro_events.http.response import Response, html
from nitro_events.outcomes import Conflict, Ran, Saved
from nitro_events.resources import Seal, digest
from nitro_events.settings import configure
from nitro_events.state import state
from nitro_events.units import current_unit, open_unit

FORM = "application/x-www-form-urlencoded"
FIELDS = ("title", "pages", "note", "lent", "price")


@pytest.fixture(autouse=True)
def _settings() -> None:
    configure(secret="k" * 32)


def ask(
    method: str,
    path: str,
    body: object = None,
    *,
    form: Mapping[str, str] | None = None,
    query: str = "",
    **headers: str,
) -> Response:
    named = {"host": "localhost"} | {k.replace("_", "-"): v for k, v in headers.items()}
    raw = b""
    if body is not None:
        raw, named["content-type"] = json.dumps(body).encode(), "application/json"
    if form is not None:
        raw, named["content-type"] = urlencode(form).encode(), FORM
    request = Request(
        method, path, headers=named, body=raw, client="127.0.0.1", query_string=query
    )
    response = asyncio.run(answer(request))
    assert response is not None
    return response


def told(response: Response) -> Any:
    return json.loads(response.body)


def sealed(shelf: Any, operation: str = "update", id: str | None = "b1") -> str:
    digests = {}
    if operation == "update":
        now = shelf.current(shelf.stored["b1"])
        digests = {name: digest(now[name]) for name in FIELDS}
    seal = Seal("books", id, operation, FIELDS, digests, page="/books/b1/edit", key="k")
    return state.sealer.sign("form", seal.payload())


def edited(**typed: str) -> dict[str, str]:
    return {"title": "Emma", "pages": "300", "note": "", "price": "1.0", **typed}


def test_a_program_creates_updates_and_deletes(shelf: Any) -> None:
    created = ask("POST", "/books", {"title": "T", "pages": 5, "id": "mine"})
    assert created.status == 201
    assert told(created)["id"] == "b2"
    assert "token" not in told(created)

    assert told(ask("PATCH", "/books/b2", {"pages": 6}))["pages"] == 6
    assert ask("DELETE", "/books/b2").status == 204
    assert set(shelf.stored) == {"b1"}


def test_a_form_of_ours_creates_and_updates(shelf: Any) -> None:
    new = {**edited(title="New"), "_nitro": sealed(shelf, "create", "fresh")}
    assert ask("POST", "/books", form=new).status == 201
    assert told(ask("POST", "/books", form=new))["id"] == "fresh"

    changed = {**edited(title="Persuasion"), "_nitro": sealed(shelf)}
    assert ask("POST", "/books/b1", form=changed).status == 200
    assert shelf.stored["b1"].title == "Persuasion"
    assert set(shelf.stored) == {"b1", "fresh"}


def test_a_form_that_is_not_ours_is_refused(shelf: Any) -> None:
    assert ask("POST", "/books/b1", form=edited(title="X")).status == 400
    assert ask("POST", "/books", form=edited(title="X")).status == 400
    assert ask("POST", "/books/b1/delete", form={"a": "b"}).status == 400
    for seal in ("rubbish", sealed(shelf, "update", "b2"), sealed(shelf, "delete")):
        assert ask("POST", "/books/b1", form={**edited(title="X"), "_nitro": seal}).status == 400
    assert shelf.stored["b1"].title == "Emma"


def test_a_seal_of_somebody_else_is_refused(shelf: Any) -> None:
    seal = sealed(shelf)
    configure(user=lambda framework: "eve", policy=lambda caller, operation, target: True)

    response = ask("POST", "/books/b1", form={**edited(title="X"), "_nitro": seal})

    assert response.status == 400


def test_signals_of_a_page_do_not_create(shelf: Any) -> None:
    assert ask("POST", "/books", {"title": "T"}, datastar_request="true").status == 400


def test_a_change_in_the_last_moment_is_merged_by_trying_again(
    shelf: Any, change: Callable[..., None]
) -> None:
    shelf.before_commit += [lambda: change(pages=1), lambda: change(pages=2)]

    response = ask("POST", "/books/b1", form={**edited(title="P"), "_nitro": sealed(shelf)})

    assert response.status == 200
    assert (shelf.stored["b1"].title, shelf.stored["b1"].pages) == ("P", 2)


def test_the_same_field_in_the_last_moment_is_a_conflict(
    shelf: Any, change: Callable[..., None]
) -> None:
    shelf.before_commit.append(lambda: change(title="Theirs"))

    response = ask("POST", "/books/b1", form={**edited(title="Mine"), "_nitro": sealed(shelf)})

    assert response.status == 409
    assert told(response)["conflicts"]["title"]["theirs"] == "Theirs"
    assert shelf.stored["b1"].title == "Theirs"


def test_trying_again_ends(shelf: Any, change: Callable[..., None]) -> None:
    pages = iter(range(100))
    shelf.before_commit += [lambda: change(pages=next(pages)) for _ in range(9)]

    response = ask("POST", "/books/b1", form={**edited(title="Mine"), "_nitro": sealed(shelf)})

    assert response.status == 409
    assert len(shelf.before_commit) == 5


def test_a_commit_that_fails_tells_the_form_what_was_typed(shelf: Any) -> None:
    seen: list[Any] = []

    class Keep:
        async def present(self, request: Request, outcome: Any, seal: Any) -> Response | None:
            seen.append((outcome, seal))
            return None

    state.presenters.append(Keep())
    shelf.fail_commit = shelf.retry_on[0]()

    ask("POST", "/books/b1", form={**edited(title="Mine"), "_nitro": sealed(shelf)})

    problem, seal = seen[0]
    assert isinstance(problem.refused, Conflict)
    assert problem.refused.values == {"title": "Mine"}
    assert problem.refused.digests == {"title": digest("Emma")}
    assert (seal["p"], seal["k"]) == ("/books/b1/edit", "k")


def test_an_action_runs_with_its_arguments(shelf: Any) -> None:
    response = ask("POST", "/books/b1/lend", {"days": "3"})

    assert told(response) == "lent for 3"
    assert shelf.stored["b1"].lent
    assert ask("POST", "/books/b1/lend", {"days": "x"}).status == 422
    assert ask("POST", "/books/tidy").status == 204


def test_an_async_action_may_answer_with_patches(shelf: Any) -> None:
    response = ask("POST", "/books/b1/read_aloud", datastar_request="true")

    assert response.status == 200
    assert b"datastar-patch-signals" in response.body


def test_a_query_reads_and_nothing_of_it_is_stored(
    shelf: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert told(ask("GET", "/books/b1/size")) == {"pages": 300}
    assert shelf.commits == 0


def test_nothing_of_the_inside_is_told(shelf: Any, caplog: pytest.LogCaptureFixture) -> None:
    response = ask("POST", "/books/b1/burn")

    assert response.status == 500
    assert b"internal-detail" not in response.body
    assert told(response)["id"] in caplog.text
    assert not shelf.stored["b1"].lent


def test_a_wrong_verb_is_told_the_right_ones(shelf: Any) -> None:
    response = ask("GET", "/books")

    assert response.status == 405
    assert ("allow", "POST") in response.headers


def test_an_unknown_path_is_not_ours(shelf: Any) -> None:
    assert asyncio.run(answer(Request("POST", "/cats"))) is None


def test_who_may_not_is_not_told_what_exists(shelf: Any) -> None:
    configure(policy=lambda caller, operation, target: False)

    for path in ("/books/b1", "/books/none"):
        assert ask("PATCH", path, {"pages": 1}).status == 403
    assert ask("POST", "/books", {"title": "T"}).status == 403
    assert ask("POST", "/books/b1/lend").status == 403
    assert not shelf.commits


def test_the_policy_is_asked_about_the_entity_itself(shelf: Any) -> None:
    asked: list[tuple[str, object]] = []

    def policy(caller: object, operation: str, target: object) -> bool:
        asked.append((operation, getattr(target, "id", target)))
        return True

    configure(policy=policy)
    ask("PATCH", "/books/b1", {"pages": 1})
    ask("POST", "/books/b1/lend")
    ask("POST", "/books", {"title": "T"})

    assert asked == [("update", "b1"), ("action:lend", "b1"), ("create", shelf.kind)]


def test_another_site_changes_nothing(shelf: Any) -> None:
    assert ask("DELETE", "/books/b1", sec_fetch_site="cross-site").status == 403
    assert ask("DELETE", "/books/b1", cookie="a=b").status == 403
    assert "b1" in shelf.stored


def test_the_unit_of_the_adapter_is_used_and_committed(shelf: Any) -> None:
    async def main() -> None:
        unit = open_unit()
        request = Request("POST", "/books/b1/lend", client="127.0.0.1")
        response = await answer(request)
        assert response is not None
        assert response.status == 200
        assert unit.closed
        assert current_unit() is None
        await unit.acommit()

    asyncio.run(main())
    assert shelf.commits == 1


def test_a_presenter_comes_before_json_and_may_fail(shelf: Any) -> None:
    class Page:
        async def present(self, request: Request, outcome: Any, seal: Any) -> Response | None:
            if isinstance(outcome, Saved):
                return html("<p>saved")
            if isinstance(outcome, Ran):
                raise RuntimeError("broken")
            return None

    state.presenters.append(Page())

    assert ask("PATCH", "/books/b1", {"pages": 2}).body == b"<p>saved"
    assert ask("POST", "/books/b1/lend").status == 500
    assert ask("POST", "/books", {}).status == 422


def test_hand_made_handlers_may_be_sync_or_async(shelf: Any) -> None:
    def page(request: Request, name: str) -> Response:
        assert current_request.get() is request
        return html(name)

    async def later(request: Request) -> dict[str, int]:
        return {"a": 1}

    def fails(request: Request) -> None:
        raise ValueError("inside")

    state.routes.add("GET", "/hello/{name}", page, "hello")
    state.routes.add("POST", "/later", later, "later")
    state.routes.add("GET", "/fails", fails, "fails")

    assert ask("GET", "/hello/ann").body == b"ann"
    assert told(ask("POST", "/later")) == {"a": 1}
    assert ask("GET", "/fails").status == 500


def test_a_failure_elsewhere_is_presented_the_same_way() -> None:
    response = asyncio.run(present_problem(Request("GET", "/"), LookupError("inside")))

    assert response.status == 500


def test_a_cancelled_request_is_rolled_back_after_its_thread(shelf: Any) -> None:
    async def main() -> None:
        import threading

        started, go = threading.Event(), threading.Event()

        def slow(request: Request) -> None:
            started.set()
            go.wait(5)

        state.routes.add("POST", "/slow", slow, "slow")
        task = asyncio.ensure_future(answer(Request("POST", "/slow")))
        await asyncio.to_thread(started.wait, 5)
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert shelf.commits == 0


CONTENT_TYPES = [
    "",
    FORM,
    FORM,
    *["application/json"] * 4,
    "text/plain",
    "multipart/form-data",
    "x/y",
    "\xff",
]
PATHS = ["/books", "/books/b1", "/books/b1/lend", "/books/b1/size", "/books/b1/delete"]
PATHS += ["/books/\ud800", "/books/\x00/lend", "/books/..", "/tidy", "/books/tidy"]


def rubbish(source: random.Random) -> Request:
    """Return a request that no client of ours would send."""
    shapes: list[Callable[[], bytes]] = [
        lambda: source.randbytes(source.randrange(60)),
        lambda: b'{"title":' + source.randbytes(5) + b"}",
        lambda: b'{"a":' * source.randrange(3000),
        lambda: json.dumps({source.choice(FIELDS): source.choice(VALUES)}).encode(),
        lambda: urlencode(
            {"_nitro": source.choice(SEALS), "title": "x"}, errors="replace"
        ).encode(),
        lambda: b"title=%" + source.randbytes(3) + b"&_take=%00&&&=",
    ]
    headers = [
        ("Host", source.choice(["localhost", "", "[::", "\x00", "a:b:c"])),
        ("Content-Type", source.choice(CONTENT_TYPES)),
        source.choice([("Origin", "http://["), ("Cookie", "=;\x00=é;a"), ("Nitro-Live", "x")]),
        source.choice([("Content-Length", "-5"), ("Sec-Fetch-Site", "\xff"), ("X", "")]),
        source.choice([("Datastar-Request", "true"), ("Accept", "text/html"), ("X", "")]),
    ]
    return Request(
        source.choice(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "BREW", ""]),
        source.choice(PATHS),
        query_string=source.choice(["", "datastar=[", "datastar=%ff", "%ff=%", "a=1&a=2"]),
        headers=headers,
        body=source.choice(shapes)(),
        client="127.0.0.1",
    )


VALUES: list[object] = [None, [], {}, "x" * 5000, 1e308, -1, True, {"a": {"b": []}}, "\u0000"]
SEALS = ["", "x", ".", "a.b.c", "é", "A" * 70_000, ".eJw.x", "\ud83d\ude00"]


def test_hundreds_of_malformed_requests_are_told_what_is_wrong(shelf: Any) -> None:
    source = random.Random(2026)

    async def main() -> list[Response | None]:
        return [await answer(rubbish(source)) for _ in range(800)]

    answers = [response for response in asyncio.run(main()) if response is not None]
    refused = [response for response in answers if response.status >= 400]
    statuses = {response.status for response in refused}
    assert statuses <= {400, 403, 404, 405, 413, 415, 422}, statuses
    assert {400, 403, 404, 405, 415, 422} <= statuses
    for response in refused:
        assert dict(response.headers)["content-type"] == "application/problem+json"
        assert b"Traceback" not in response.body
        assert b"nitro_events" not in response.body
