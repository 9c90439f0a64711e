"""Requests in, responses out, with everything real but the framework."""

import asyncio
import html as html_text
import re
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import quote, unquote, urlencode, urlsplit

import pytest
from pydantic import Field

from nitro_entities import Entity, EntityNotFound, changes
from nitro_entities import state as entities
from nitro_events import Caller, Patch, Request, Response, action, configure, patch_elements
from nitro_events import query as read
from nitro_events.http.dispatch import answer
from nitro_events.http.results import to_response
from nitro_events.joints import connect
from nitro_events.live.hub import Hub
from nitro_events.live.stream import Stream
from nitro_events.state import state as events
from nitro_templates import Form, Page, Safe, Table, assets
from nitro_templates.with_events import context_of

T = TypeVar("T")
HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
DIALOG = {**DATASTAR, "nitro-dialog": "true"}
ANN = Caller("ann", "Ann", host="testclient")
BOB = Caller("bob", "Bob", host="testclient")


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


class Burg(Entity):
    name: str = Field(min_length=1)
    people: int = 0
    old: bool = False

    @action
    def grow(self, by: Annotated[int, Field(gt=0)]) -> None:
        self.people += by
        self.save()

    @action
    def cheer(self) -> Patch:
        return patch_elements("<p id='cheer'>Hurray</p>")

    @read
    def size(self) -> int:
        return self.people


def burg_page() -> Page:
    return Page(
        Table.from_entity(Burg).with_actions(["create", "edit", "delete"]).with_search(),
        Form.from_entity(Burg).only("name", "people").submit("Add it"),
        title="Our burgs",
    )


async def rerun(url: str) -> object | None:
    return burg_page() if urlsplit(url).path == "/burgs" else None


def request_for(
    method: str,
    path: str,
    form: Mapping[str, str] | None = None,
    *,
    headers: Mapping[str, str] = HTML,
    caller: Caller = BOB,
) -> Request:
    url = urlsplit(path)
    kind = {} if form is None else {"content-type": "application/x-www-form-urlencoded"}
    return Request(
        method,
        unquote(url.path),
        query_string=url.query,
        headers={**headers, **kind},
        body=urlencode(form or {}).encode(),
        client="testclient",
        caller=caller,
        rerun=rerun,
    )


def run(work: Coroutine[object, object, T]) -> T:
    # in a thread of its own: the browser tests keep a loop running in this one
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def ask(request: Request) -> Response:
    response = run(answer(request))
    assert response is not None
    return response


def get(path: str, headers: Mapping[str, str] = HTML, caller: Caller = BOB) -> Response:
    return ask(request_for("GET", path, headers=headers, caller=caller))


def post(
    path: str, form: Mapping[str, str], headers: Mapping[str, str] = HTML, caller: Caller = BOB
) -> Response:
    return ask(request_for("POST", path, form, headers=headers, caller=caller))


def shown(path: str = "/burgs", headers: Mapping[str, str] = HTML) -> Response:
    response = to_response(burg_page(), request_for("GET", path, headers=headers))
    assert response is not None
    return response


def text(response: Response) -> str:
    return response.body.decode()


def header(response: Response, name: str) -> str:
    return dict(response.headers)[name]


def form_in(html: str, key: str) -> dict[str, str]:
    """Read the fields that a browser would send."""
    body = re.search(rf'<form[^>]*id="{key}".*?</form>', html, re.DOTALL)
    assert body is not None, html
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", body[0]):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            fields[name[1]] = html_text.unescape(value[1]) if value else ""
    return fields


def edit_form(burg: Burg, caller: Caller = BOB, **typed: str) -> dict[str, str]:
    html = text(get(f"/burgs/{burg.id}/edit", caller=caller))
    return {**form_in(html, f"form-burgs-{burg.id}"), **typed}


def ulm() -> Burg:
    return Burg(name="Ulm", people=7).save()


def test_a_page_is_a_whole_document_with_a_live_cursor() -> None:
    ulm()

    response = shown()

    assert response.status == 200
    assert header(response, "content-type").startswith("text/html")
    html = text(response)
    assert html.startswith("<!doctype html>")
    assert f'data-cursor="{events.hub.cursor()}"' in html
    assert "Ulm" in html


def test_the_page_asked_for_as_a_stream_sends_its_views() -> None:
    ulm()

    response = shown(headers={**HTML, "nitro-live": ""})

    assert response.stream is not None

    async def first() -> bytes:
        assert isinstance(response.stream, Stream)
        async for chunk in response.stream:
            if b"burgs-view" in chunk:
                return chunk
        return b""

    chunk = run(asyncio.wait_for(first(), 5))
    assert b"Ulm" in chunk
    assert b"<!doctype" not in chunk


def test_a_commit_reaches_the_stream_of_another_browser() -> None:
    burg = ulm()
    response = shown(headers={**HTML, "nitro-live": events.hub.cursor()})

    async def until_seen() -> bytes:
        assert isinstance(response.stream, Stream)
        changed = False
        async for chunk in response.stream:
            if b"Bonn" in chunk:
                return chunk
            if not changed:
                changed = True
                await asyncio.to_thread(lambda: Burg.get(burg.id).update(name="Bonn").save())
        return b""

    assert b"Bonn" in run(asyncio.wait_for(until_seen(), 5))


def test_a_page_without_views_has_no_stream() -> None:
    response = to_response(Page("hi"), request_for("GET", "/", headers={**HTML, "nitro-live": ""}))

    assert response is not None
    assert (response.status, response.stream) == (204, None)


def test_a_page_asked_for_by_the_dialog_is_a_patch_of_its_content() -> None:
    response = get("/burgs/new", DIALOG)

    assert header(response, "content-type") == "text/event-stream"
    assert "nitro-dialog-content" in text(response)
    assert 'id="form-burgs-new"' in text(response)
    assert "<!doctype" not in text(response)


def test_the_files_of_a_page_are_served_by_their_hash() -> None:
    asset = assets.asset("nitro.js")

    response = get(asset.url)

    assert response.body == asset.body
    assert "immutable" in header(response, "cache-control")
    assert get("/_nitro/0000/nitro.js").status == 404


def test_a_new_one_is_saved_and_the_browser_sent_back_to_the_page_it_came_from() -> None:
    headers = {**HTML, "referer": "http://testserver/burgs?q=u"}
    form = form_in(text(get("/burgs/new", headers)), "form-burgs-new")

    response = post("/burgs", {**form, "name": "Ulm", "people": "7"})

    assert (response.status, header(response, "location")) == (303, "/burgs?q=u")
    assert [burg.name for burg in Burg.all()] == ["Ulm"]


def test_a_referrer_of_another_site_is_not_followed() -> None:
    headers = {**HTML, "referer": "http://evil.example/burgs"}
    form = form_in(text(get("/burgs/new", headers)), "form-burgs-new")

    response = post("/burgs", {**form, "name": "Ulm", "people": "7"})

    assert header(response, "location") == f"/burgs/{Burg.all()[0].id}/edit"


def test_a_form_that_is_sent_twice_saves_one() -> None:
    form = form_in(text(get("/burgs/new")), "form-burgs-new")

    responses = [post("/burgs", {**form, "name": "Ulm", "people": "7"}) for _ in range(2)]

    assert [response.status for response in responses] == [303, 303]
    assert Burg.count() == 1


def test_in_the_dialog_success_closes_it_and_says_so() -> None:
    form = form_in(text(get("/burgs/new", DIALOG)), "form-burgs-new")

    response = post("/burgs", {**form, "name": "Ulm", "people": "7"}, DIALOG)

    assert response.status == 200
    assert "data-nitro-close" in text(response)
    assert "Burg created" in text(response)


def test_a_form_on_a_page_comes_back_empty_and_able_to_save_another() -> None:
    form = form_in(text(shown()), "form-burgs-new")

    response = post("/burgs", {**form, "name": "Ulm", "people": "7"}, DATASTAR)
    again = form_in(text(response), "form-burgs-new")
    post("/burgs", {**again, "name": "Bonn", "people": "1"}, DATASTAR)

    assert "mode replace" in text(response)
    assert again["name"] == ""
    assert "Add it" in text(response)
    assert sorted(burg.name for burg in Burg.all()) == ["Bonn", "Ulm"]


def test_an_invalid_form_comes_back_whole_without_scripts() -> None:
    form = form_in(text(shown()), "form-burgs-new")

    response = post("/burgs", {**form, "name": "Köln <b>", "people": "many"})

    assert response.status == 422
    html = text(response)
    assert "Our burgs" in html
    assert 'value="Köln &lt;b&gt;"' in html
    assert 'value="many"' in html
    assert 'id="form-burgs-new-people-error"' in html
    assert Burg.count() == 0


def test_an_invalid_form_comes_back_alone_with_datastar() -> None:
    form = form_in(text(shown()), "form-burgs-new")

    response = post("/burgs", {**form, "name": "Köln", "people": "many"}, DATASTAR)

    assert response.status == 200
    assert header(response, "content-type") == "text/event-stream"
    html = text(response)
    assert 'data: elements <form id="form-burgs-new"' in html
    assert 'value="many"' in html
    assert "Add it" in html
    assert "Our burgs" not in html


def test_a_refused_form_can_be_saved_when_it_is_right() -> None:
    form = form_in(text(shown()), "form-burgs-new")
    refused = post("/burgs", {**form, "name": "Ulm", "people": "many"}, DATASTAR)

    form = form_in(text(refused), "form-burgs-new")
    assert form["name"] == "Ulm"
    post("/burgs", {**form, "people": "7"}, DATASTAR)

    assert [(burg.name, burg.people) for burg in Burg.all()] == [("Ulm", 7)]


def test_changes_of_different_fields_are_merged() -> None:
    burg = ulm()
    mine = edit_form(burg, people="8")
    theirs = edit_form(burg, ANN, name="Bonn")

    post(f"/burgs/{burg.id}", theirs, caller=ANN)
    response = post(f"/burgs/{burg.id}", mine)

    assert response.status == 303
    stored = Burg.get(burg.id)
    assert (stored.name, stored.people) == ("Bonn", 8)


def conflict(headers: Mapping[str, str]) -> tuple[Burg, Response]:
    burg = ulm()
    mine = edit_form(burg, people="8", name="Ulm an der Donau")
    theirs = edit_form(burg, ANN, people="9")
    post(f"/burgs/{burg.id}", theirs, caller=ANN)
    return burg, post(f"/burgs/{burg.id}", mine, headers)


def test_a_conflict_shows_what_is_there_and_keeps_what_was_typed() -> None:
    burg, response = conflict(HTML)

    assert response.status == 409
    html = text(response)
    assert "Changed to “9” by Ann, <time" in html
    assert 'value="8"' in html
    assert 'value="Ulm an der Donau"' in html
    assert 'name="_take" value="people"' in html
    assert Burg.get(burg.id).people == 9


def test_a_conflict_with_datastar_is_a_patch_of_status_200() -> None:
    _, response = conflict(DATASTAR)

    assert response.status == 200
    assert "Take theirs" in text(response)


def test_saving_again_after_a_conflict_keeps_mine() -> None:
    burg, response = conflict(DATASTAR)

    again = form_in(text(response), f"form-burgs-{burg.id}")
    post(f"/burgs/{burg.id}", again, DATASTAR)

    stored = Burg.get(burg.id)
    assert (stored.name, stored.people) == ("Ulm an der Donau", 8)


def test_taking_theirs_shows_their_value_and_keeps_my_other_text() -> None:
    burg, response = conflict(DATASTAR)
    key = f"form-burgs-{burg.id}"

    taken = post(
        f"/burgs/{burg.id}", {**form_in(text(response), key), "_take": "people"}, DATASTAR
    )
    again = form_in(text(taken), key)

    assert (again["people"], again["name"]) == ("9", "Ulm an der Donau")
    assert "Take theirs" not in text(taken)
    post(f"/burgs/{burg.id}", again, DATASTAR)
    stored = Burg.get(burg.id)
    assert (stored.name, stored.people) == ("Ulm an der Donau", 9)


def test_a_third_change_after_a_conflict_is_noticed_again() -> None:
    burg, response = conflict(DATASTAR)
    again = form_in(text(response), f"form-burgs-{burg.id}")
    with changes.acting("Cleo"):
        Burg.get(burg.id).update(people=10).save()

    refused = post(f"/burgs/{burg.id}", again, DATASTAR)

    assert "Changed to “10” by Cleo" in text(refused)
    assert Burg.get(burg.id).people == 10


def test_an_error_does_not_hide_a_conflict_of_the_next_attempt() -> None:
    burg = ulm()
    mine = edit_form(burg, people="many", name="Neu-Ulm")
    with changes.acting("Ann"):
        Burg.get(burg.id).update(name="Bonn").save()

    refused = post(f"/burgs/{burg.id}", mine, DATASTAR)
    again = form_in(text(refused), f"form-burgs-{burg.id}")
    post(f"/burgs/{burg.id}", {**again, "people": "8"}, DATASTAR)

    assert "Changed to “Bonn” by Ann" in text(refused)
    assert Burg.get(burg.id).name == "Neu-Ulm"


def test_an_unticked_box_is_saved_and_comes_back_unticked() -> None:
    burg = Burg(name="Ulm", old=True).save()
    form = edit_form(burg, people="many")
    assert form.pop("old") == "true"

    refused = post(f"/burgs/{burg.id}", form)
    again = form_in(text(refused), f"form-burgs-{burg.id}")
    assert "old" not in again
    post(f"/burgs/{burg.id}", {**again, "people": "3"})

    assert Burg.get(burg.id).old is False


def test_deleting_is_asked_about_and_done_by_post_only() -> None:
    burg = ulm()
    html = text(get(f"/burgs/{burg.id}/delete", {**HTML, "referer": "http://testserver/burgs"}))
    assert "Delete “Ulm”?" in html
    assert Burg.count() == 1

    response = post(f"/burgs/{burg.id}/delete", form_in(html, f"form-burgs-{burg.id}-delete"))

    assert response.status == 303
    assert header(response, "location").startswith("/burgs?_undo=")
    assert Burg.count() == 0


def test_an_action_asks_for_its_arguments_and_runs() -> None:
    burg = ulm()
    key = f"form-burgs-{burg.id}-grow"
    form = form_in(text(get(f"/burgs/{burg.id}/grow", DIALOG)), key)

    refused = post(f"/burgs/{burg.id}/grow", {**form, "by": "-3"}, DIALOG)
    done = post(f"/burgs/{burg.id}/grow", {**form_in(text(refused), key), "by": "3"}, DIALOG)

    assert 'value="-3"' in text(refused)
    assert 'aria-invalid="true"' in text(refused)
    assert "data-nitro-close" in text(done)
    assert "Grow: done" in text(done)
    assert Burg.get(burg.id).people == 10


def test_what_an_action_patches_is_shown_and_the_dialog_closed() -> None:
    burg = ulm()
    html = text(get(f"/burgs/{burg.id}/cheer", DIALOG))

    form = form_in(html, f"form-burgs-{burg.id}-cheer")
    done = text(post(f"/burgs/{burg.id}/cheer", form, DIALOG))

    assert "Hurray" in done
    assert "data-nitro-close" in done


def test_a_query_answers_itself_instead_of_a_form() -> None:
    burg = ulm()

    assert text(get(f"/burgs/{burg.id}/size", {"host": "testserver"})) == "7"


def test_what_is_gone_is_told_in_each_way() -> None:
    page, patch = get("/burgs/none/edit"), get("/burgs/none/edit", DIALOG)

    assert page.status == 404
    assert "<!doctype html>" in text(page)
    assert patch.status == 200
    assert "nitro-dialog-content" in text(patch)


def test_a_form_for_what_is_gone_says_so_and_touches_nothing_on_the_page() -> None:
    burg = ulm()
    form = edit_form(burg, people="8")
    burg.delete()

    response = post(f"/burgs/{burg.id}", form, DATASTAR)

    assert response.status == 200
    assert "#nitro-toasts" in text(response)
    assert "<form" not in text(response)


def test_who_may_not_sees_neither_form_nor_link() -> None:
    burg = ulm()
    configure(policy=lambda caller, operation, target: caller.id == "ann")

    assert get(f"/burgs/{burg.id}/edit").status == 403
    assert get(f"/burgs/{burg.id}/edit", caller=ANN).status == 200
    assert get("/burgs/none/edit").status == 403
    assert "/edit" not in text(shown())


def test_a_form_of_somebody_else_is_refused() -> None:
    burg = ulm()
    form = edit_form(burg, ANN, people="8")

    response = post(f"/burgs/{burg.id}", form, caller=BOB)

    assert response.status == 400
    assert Burg.get(burg.id).people == 7


def test_a_form_from_another_site_is_refused() -> None:
    form = form_in(text(get("/burgs/new")), "form-burgs-new")

    response = post("/burgs", form, {**HTML, "sec-fetch-site": "cross-site"})

    assert response.status == 403
    assert Burg.count() == 0


def test_a_page_carries_what_proves_a_click_where_proxies_strip_headers() -> None:
    burg = ulm()
    # the cookie of a browser, and neither Origin nor Sec-Fetch-Site
    bare = {"host": "x", "accept": "text/html", "cookie": "session=1"}
    found = re.search(r'<meta name="nitro-token" content="([^"]+)"', text(shown()))
    assert found is not None
    proof = {**bare, "nitro-token": found[1]}

    assert post(f"/burgs/{burg.id}/cheer", {}, bare).status == 403
    assert post(f"/burgs/{burg.id}/cheer", {}, proof).status < 400
    assert post(f"/burgs/{burg.id}/cheer", {}, proof, caller=ANN).status == 403
    unknown = to_response(burg_page(), request_for("GET", "/burgs", caller=Caller()))
    assert unknown is not None
    assert "nitro-token" not in text(unknown)


def test_programs_get_json_not_pages() -> None:
    burg = ulm()
    request = Request("GET", "/burgs/none/edit", headers={"host": "x"}, caller=BOB)

    assert header(ask(request), "content-type") == "application/problem+json"
    assert Burg.get(burg.id).name == "Ulm"


def test_a_form_rendered_as_text_is_made_again_from_its_seal() -> None:
    def as_text() -> str:
        from nitro_templates.context import rendering

        with rendering(context_of(request_for("GET", "/old-page"))):
            return str(Form.from_entity(Burg).only("name"))

    form = form_in(as_text(), "form-burgs-new")

    response = post("/burgs", {**form, "name": ""}, DATASTAR)

    assert 'id="form-burgs-new-name-error"' in text(response)
    assert "form-burgs-new-people" not in text(response)


def test_an_id_may_be_any_text() -> None:
    id = "a b%41é?#&<"
    burg = Burg(id=id, name="Ulm").save()
    path, key = f"/burgs/{quote(id, safe='')}", "form-burgs-a-b-41-"
    assert f'href="{path}/edit"' in text(shown())

    form = form_in(text(get(f"{path}/edit")), key)
    refused = post(path, {**form, "people": "many"})
    response = post(path, {**form_in(text(refused), key), "people": "8"})

    assert refused.status == 422
    assert (response.status, header(response, "location").split("?_undo=")[0]) == (
        303,
        f"{path}/edit",
    )
    assert Burg.get(burg.id).people == 8


def test_no_value_becomes_markup_anywhere() -> None:
    evil = "\"><script>alert('x')</script>{{7*7}}$x"
    burg = Burg(name=evil).save()
    pages = [
        text(shown(f"/burgs?{urlencode({'q': evil, 'sort': evil})}")),
        text(get(f"/burgs/{burg.id}/edit")),
        text(get(f"/burgs/{burg.id}/delete")),
        text(post(f"/burgs/{burg.id}", edit_form(burg, name=evil + "2", people=evil))),
    ]

    for page in pages:
        assert "<script>alert" not in page
        programs = "".join(re.findall(r'data-on[^ ]*="[^"]*"', page))
        assert "<script>alert" not in html_text.unescape(programs)


def test_the_hub_is_the_real_one() -> None:
    assert isinstance(events.hub, Hub)
    with pytest.raises(EntityNotFound):
        Burg.get("none")
    assert to_response(Safe("<b>x</b>"), request_for("GET", "/")) is not None
