"""Stored files over HTTP: uploaded, carried by forms, shown. Needs the siblings and FastAPI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_fastapi")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import Field

import nitro
from nitro import Caller, Card, Entity, FileRules, ImageFile, Page, StoredFile, Table
from nitro_entities import DiskStorage, StoreBusy
from nitro_entities.state import state as entity_state
from nitro_events.state import state as event_state
from support.pictures import png

pytest.importorskip("python_multipart")

HIDDEN = re.compile(r'<input type="hidden" name="(photo|papers)" value="([^"]+)">')


class Archived(Entity):
    name: str = Field(min_length=2)
    photo: ImageFile | None = None
    papers: Annotated[list[StoredFile], FileRules(size=2_000_000)] = []


class Letter(Entity):
    scan: Annotated[StoredFile | None, FileRules(types=("application/pdf",), size=1000)] = None


def may(caller: Caller, operation: str, target: object) -> bool:
    if isinstance(target, Archived) and target.name.startswith("for "):
        return f"for {caller.id}" == target.name
    return operation in ("create", "update", "delete", "read")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    app = FastAPI()
    nitro.configure(
        files=tmp_path / "files",
        secret="k" * 32,
        policy=may,
        user=lambda request: request.headers.get("x-user"),
    )
    nitro.install(app)

    @app.get("/all")
    def everything() -> Page:
        return Page(Table.from_entity(Archived), title="All")

    @app.get("/card/{id}")
    def card(id: str) -> Page:
        return Page(Card.from_entity(Archived.get(id)), title="One")

    yield app
    event_state.reset()
    entity_state.reset()


@pytest.fixture
def client(app: FastAPI) -> Callable[[str], TestClient]:
    def as_user(name: str) -> TestClient:
        return TestClient(app, headers={"x-user": name, "sec-fetch-site": "same-origin"})

    return as_user


@pytest.fixture
def ann(client: Callable[[str], TestClient]) -> TestClient:
    return client("ann")


@pytest.fixture
def ben(client: Callable[[str], TestClient]) -> TestClient:
    return client("ben")


def upload(
    http: TestClient, content: bytes, name: str = "me.png", at: str = "/archiveds/-/files/photo"
) -> Any:
    return http.post(at, content=content, headers={"nitro-name": name})


def seal(page: str) -> str:
    found = re.search(r'name="_nitro" value="([^"]+)"', page)
    assert found, page
    return found[1]


def make(http: TestClient, name: str = "Box", content: bytes = b"", **more: Any) -> Any:
    token = upload(http, content or png()).json()["token"]
    made = http.post("/archiveds", json={"name": name, "photo": token, **more})
    assert made.status_code == 201, made.text
    return made.json()


def place(made: Any) -> str:
    return f"/archiveds/{made['id']}/files/{made['photo']['hash']}"


# Uploading


def test_what_was_uploaded_is_told_without_the_place_where_it_is(ann: TestClient) -> None:
    answer = upload(ann, png(), "..%2F%C3%BCber.png")

    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["type"], told["width"]) == ("über.png", "image/png", 40)
    assert "key" not in told


def test_a_program_holds_what_it_has_uploaded(ann: TestClient) -> None:
    made = make(ann)

    found = Archived.get(made["id"])
    assert found.photo is not None
    assert found.photo.read() == png()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "This is text/html, whatever it is called"),
        (b"\x89PNG\r\n\x1a\n", "This image cannot be read"),
        (b"", "This file is empty"),
    ],
)
def test_what_a_field_does_not_take_is_told(ann: TestClient, content: bytes, said: str) -> None:
    answer = upload(ann, content)

    assert answer.status_code == 422
    assert said in answer.json()["errors"]["photo"]


def test_what_is_too_large_is_told_while_it_comes(ann: TestClient, tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(21):
            yield bytes(100_000)

    answer = ann.post("/archiveds/-/files/papers", content=pieces())

    assert answer.json()["errors"] == {
        "papers": "This file is too large. Choose one of 2 MB at most"
    }
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_who_may_not_create_or_change_may_not_upload(ann: TestClient) -> None:
    nitro.configure(policy=lambda caller, operation, target: operation == "read")

    assert upload(ann, png()).status_code == 403


def test_another_site_uploads_nothing(ann: TestClient) -> None:
    answer = ann.post(
        "/archiveds/-/files/photo",
        content=png(),
        headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    )

    assert answer.status_code == 403


def test_there_is_no_upload_for_what_holds_no_files(ann: TestClient) -> None:
    assert upload(ann, png(), at="/archiveds/-/files/name").status_code in (404, 405)
    assert upload(ann, png(), at="/archiveds/-/files/../photo").status_code in (404, 405)


# What stands for a file


def test_the_upload_of_somebody_else_cannot_be_held(ann: TestClient, ben: TestClient) -> None:
    token = upload(ann, png()).json()["token"]

    taken = ben.post("/archiveds", json={"name": "Mine", "photo": token})

    assert taken.json()["errors"] == {"photo": "This file is not there any more. Choose it again"}
    assert Archived.count() == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"key": "archiveds/0", "name": "a", "size": 1, "type": "image/png", "hash": "0" * 64},
        "../../etc/passwd",
        "_arriving/00000000000000000000000000000000",
        "!x",
        "![1, 2]",
        '!["{a.__class__}", {"a": 1}]',
        ["a"],
        7,
    ],
    ids=str,
)
def test_nobody_names_a_file_by_its_place(ann: TestClient, sent: object) -> None:
    answer = ann.post("/archiveds", json={"name": "Box", "photo": sent})

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["photo"]


def test_what_was_taken_by_one_field_has_to_fit_another(ann: TestClient) -> None:
    token = upload(ann, b"plain words", at="/archiveds/-/files/papers").json()["token"]

    answer = ann.post("/archiveds", json={"name": "Box", "photo": token})
    assert "This is text" in answer.json()["errors"]["photo"]
    answer = ann.post("/letters", json={"scan": token})
    assert "This is text" in answer.json()["errors"]["scan"]


def test_what_was_read_can_be_sent_back_unchanged(ann: TestClient) -> None:
    token = upload(ann, b"one", at="/archiveds/-/files/papers").json()["token"]
    made = make(ann, papers=[token])

    again = ann.put(f"/archiveds/{made['id']}", json={**made, "name": "Other"})

    assert again.status_code == 200, again.text
    assert again.json() == {**made, "name": "Other"}


# Showing


def test_a_picture_is_shown_and_can_do_nothing(ann: TestClient) -> None:
    answer = ann.get(place(make(ann)))

    assert answer.content == png()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (b"<svg onload='alert(1)'></svg>", "application/octet-stream"),
        (b"<html><script>alert(1)</script>", "application/octet-stream"),
        (b"plain words", "text/plain; charset=utf-8"),
        (b"\x00\x01 anything", "application/octet-stream"),
    ],
)
def test_anything_else_has_to_be_saved(ann: TestClient, content: bytes, type: str) -> None:
    token = upload(ann, content, "x.svg", "/archiveds/-/files/papers").json()["token"]
    made = make(ann, papers=[token])

    answer = ann.get(f"/archiveds/{made['id']}/files/{made['papers'][0]['hash']}")

    assert answer.content == content
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == type
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("range", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-4", 206, slice(-4, None)),
        ("bytes=2-999999999999999", 206, slice(2, None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=5-2", 200, slice(0, None)),
        ("bytes=0-1,4-5", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
        ("bytes=-", 200, slice(0, None)),
    ],
)
def test_a_part_is_answered_where_it_can_be(
    ann: TestClient, range: str, status: int, part: slice
) -> None:
    answer = ann.get(place(make(ann)), headers={"range": range})

    assert (answer.status_code, answer.content) == (status, png()[part])


def test_a_file_is_closed_to_who_may_not_read_what_holds_it(
    ann: TestClient, ben: TestClient
) -> None:
    token = upload(ann, png()).json()["token"]
    made = ann.post("/archiveds", json={"name": "for ann", "photo": token}).json()

    assert ann.get(place(made)).status_code == 200
    assert ben.get(place(made)).status_code == 404
    other = make(ben)  # the same content, held by something that he may read
    assert ben.get(place(other)).status_code == 200
    assert ben.get(f"/archiveds/{made['id']}/files/{other['photo']['hash']}").status_code == 404


def test_without_a_policy_nothing_is_shown_in_production(ann: TestClient) -> None:
    made = make(ann)
    nitro.configure(policy=lambda caller, operation, target: operation != "read")

    assert ann.get(place(made)).status_code == 404


def test_what_is_replaced_is_not_shown_any_more(ann: TestClient) -> None:
    made = make(ann)
    token = upload(ann, png(2, 2)).json()["token"]
    changed = ann.patch(f"/archiveds/{made['id']}", json={"photo": token}).json()

    assert ann.get(place(made)).status_code == 404
    assert ann.get(place(changed)).content == png(2, 2)
    assert ann.delete(f"/archiveds/{made['id']}").status_code == 204
    assert ann.get(place(changed)).status_code == 404


def test_what_is_uploaded_is_shown_to_nobody_else(ann: TestClient, ben: TestClient) -> None:
    token = upload(ann, png()).json()["token"]

    assert ann.get(f"/archiveds/-/files/{token}").content == png()
    assert ben.get(f"/archiveds/-/files/{token}").status_code == 404
    assert ann.get("/archiveds/-/files/made-up").status_code == 404


def test_tables_and_cards_show_pictures_and_links(ann: TestClient) -> None:
    token = upload(ann, b"words", "<b>.txt", "/archiveds/-/files/papers").json()["token"]
    made = make(ann, papers=[token])

    for path in ("/all", f"/card/{made['id']}"):
        page = ann.get(path).text
        assert f'<img src="{place(made)}" alt="me.png"' in page
        assert '>_b_.txt</a> <span class="nitro-size">5 bytes</span>' in page
        kept = Archived.get(made["id"]).photo
        assert kept is not None
        assert kept.key not in page


# Forms


def test_a_form_that_is_refused_comes_back_with_its_files(ann: TestClient) -> None:
    page = ann.get("/archiveds/new").text
    files: Any = [
        ("photo", ("me.png", png())),
        ("papers", ("a.txt", b"a")),
        ("papers", ("b.txt", b"b")),
    ]
    refused = ann.post("/archiveds", data={"_nitro": seal(page), "name": ""}, files=files)
    assert refused.status_code == 422
    kept = HIDDEN.findall(refused.text)
    assert [name for name, _ in kept] == ["photo", "papers", "papers"]

    sent = {"_nitro": seal(refused.text), "name": "Box", "_clear": "papers:0"}
    sent |= {"photo": kept[0][1]}
    done = ann.post("/archiveds", data={**sent, "papers": [kept[1][1], kept[2][1]]})
    assert done.status_code == 200, done.text
    (made,) = Archived.all()
    assert made.photo is not None
    assert (made.photo.read(), [one.name for one in made.papers]) == (png(), ["b.txt"])


def test_what_is_stored_stays_and_can_be_removed(ann: TestClient) -> None:
    token = upload(ann, b"a", "a.txt", "/archiveds/-/files/papers").json()["token"]
    made = make(ann, papers=[token])
    edit = f"/archiveds/{made['id']}/edit"
    page = ann.get(edit).text
    kept = dict(HIDDEN.findall(page))
    assert list(kept) == ["papers"]  # a single one stays without a word

    sent = {"_nitro": seal(page), "name": "Renamed", **kept}
    assert ann.post(f"/archiveds/{made['id']}", data=sent).status_code == 200
    again = ann.get(f"/archiveds/{made['id']}/edit").text
    assert Archived.get(made["id"]).signals == {**made, "name": "Renamed"}

    sent = {"_nitro": seal(again), "name": "Renamed", "_clear": "photo"}
    assert ann.post(f"/archiveds/{made['id']}", data=sent).status_code == 200
    emptied = Archived.get(made["id"])
    assert (emptied.photo, emptied.papers) == (None, [])


def test_two_who_choose_a_file_are_asked(ann: TestClient, ben: TestClient) -> None:
    made = make(ann)
    mine = ann.get(f"/archiveds/{made['id']}/edit").text
    token = upload(ben, png(2, 2), "ben.png").json()["token"]
    ben.patch(f"/archiveds/{made['id']}", json={"photo": token})

    files: Any = {"photo": ("ann.png", png(3, 3))}
    sent = {"_nitro": seal(mine), "name": "Box"}
    answer = ann.post(f"/archiveds/{made['id']}", data=sent, files=files)

    assert answer.status_code == 409
    assert "Changed to “ben.png”" in answer.text
    assert "You chose “ann.png”" in answer.text
    photo = Archived.get(made["id"]).photo
    assert photo is not None
    assert photo.name == "ben.png"


def test_a_refused_file_is_told_at_its_field_and_what_was_there_stays(ann: TestClient) -> None:
    made = make(ann)
    page = ann.get(f"/archiveds/{made['id']}/edit").text
    files: Any = {"photo": ("me.png", b"<html>")}
    answer = ann.post(
        f"/archiveds/{made['id']}", data={"_nitro": seal(page), "name": "Box"}, files=files
    )

    assert answer.status_code == 422
    assert "This is text/html, whatever it is called" in answer.text
    assert place(made) in answer.text
    photo = Archived.get(made["id"]).photo
    assert photo is not None
    assert photo.read() == png()


def test_who_may_not_create_has_no_file_put_away(ann: TestClient, tmp_path: Path) -> None:
    page = ann.get("/archiveds/new").text
    nitro.configure(policy=lambda caller, operation, target: False)
    files: Any = {"photo": ("me.png", png())}
    answer = ann.post("/archiveds", data={"_nitro": seal(page), "name": "Box"}, files=files)

    assert answer.status_code == 403
    assert not (tmp_path / "files").exists()


def test_a_form_that_ends_in_the_middle_leaves_nothing(ann: TestClient, tmp_path: Path) -> None:
    cut = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n' + png()
    answer = ann.post(
        "/archiveds", content=cut, headers={"content-type": "multipart/form-data; boundary=x"}
    )

    assert answer.status_code == 400
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_texts_of_a_form_with_files_are_limited_as_always(ann: TestClient) -> None:
    files: Any = {"photo": ("me.png", png())}
    answer = ann.post("/archiveds", data={"name": "x" * 1_100_000}, files=files)

    assert answer.status_code == 413


# How much one may upload


def kept_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_who_has_many_uploads_that_nothing_holds_gets_no_more(
    ann: TestClient, ben: TestClient, tmp_path: Path
) -> None:
    nitro.configure(limits={"uploads": 1000})
    at = "/archiveds/-/files/papers"
    token = upload(ann, b"x" * 700, at=at).json()["token"]
    refused = upload(ann, b"x" * 301, at=at)

    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "3600"
    assert refused.json()["detail"].startswith("You have uploaded 1 KB that no form was sent with")
    assert kept_below(tmp_path / "files") == 700
    assert upload(ben, b"x" * 700, at=at).status_code == 201

    assert ann.post("/archiveds", json={"name": "Box", "papers": [token]}).status_code == 201
    assert upload(ann, b"x" * 1000, at=at).status_code == 201


def test_a_form_with_more_files_than_there_is_room_for_leaves_none(
    ann: TestClient, tmp_path: Path
) -> None:
    nitro.configure(limits={"uploads": 1000})
    sent = {"_nitro": seal(ann.get("/archiveds/new").text), "name": "Box"}
    files: Any = [("papers", (name, b"x" * 600)) for name in ("a", "b")]
    answer = ann.post("/archiveds", data=sent, files=files, headers={"accept": "text/html"})

    assert answer.status_code == 429
    assert "Send those forms first" in answer.text
    assert kept_below(tmp_path / "files") == 0


def test_an_upload_that_fails_at_its_end_leaves_nothing(
    ann: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([0])

    def total(*_: object) -> int:
        try:
            return next(answers)
        except StopIteration:
            raise StoreBusy from None

    monkeypatch.setattr(DiskStorage, "total", total)

    assert upload(ann, b"words", at="/archiveds/-/files/papers").status_code == 503
    assert kept_below(tmp_path / "files") == 0


def test_without_a_login_an_address_has_so_many_uploads(app: FastAPI) -> None:
    nitro.configure(limits={"uploads": 10, "uploads_of_address": 1000})
    at = "/archiveds/-/files/papers"
    statuses: list[int] = []
    for client in ("10.0.0.1", "10.0.0.1", "10.0.0.2"):
        http = TestClient(app, headers={"sec-fetch-site": "same-origin"}, client=(client, 1))
        statuses.append(upload(http, b"x" * 600, at=at).status_code)

    assert statuses == [201, 429, 201]
