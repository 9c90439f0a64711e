"""Files of others stay theirs, whatever stands for them, and what stands for one is only that."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx
import pytest

from support.server import Server

Person = Callable[..., httpx.Client]
HTML = {"accept": "text/html"}
PAPERS = "/scrolls/-/files/papers"


def upload(http: httpx.Client, content: bytes = b"only for those who may read") -> str:
    answer = http.post(PAPERS, content=content, headers={"nitro-name": "bill.txt"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def held_in_form(http: httpx.Client, id: str) -> str:
    page = http.get(f"/scrolls/{id}/edit").text
    found = re.search(r'name="papers" value="([^"]+)"', page)
    assert found, page
    return unescape(found[1])


@pytest.mark.parametrize("text", ["{a:>50000000}", "{a.__class__.__base__}", "{a.__init__}"])
def test_what_says_that_a_file_was_refused_cannot_be_made_up(person: Person, text: str) -> None:
    made_up = f'!["{text}", {{"a": "x"}}]'
    began = time.monotonic()
    answer = person().post("/scrolls", json={"papers": [made_up]})

    assert (answer.status_code, len(answer.content) < 500) == (422, True)
    assert "object" not in answer.text
    assert time.monotonic() - began < 2


def test_who_may_change_and_not_read_gets_no_file_by_the_form(person: Person) -> None:
    ann, ben = person("ann"), person("ben")
    id = ann.post("/scrolls", json={"papers": [upload(ann)]}).json()["id"]
    ann.post("/deny", json=["read:ben"])
    token = held_in_form(ben, id)

    assert ben.get(f"/scrolls/-/files/{token}").status_code == 404
    copied = ben.post("/scrolls", json={"title": "mine now", "papers": [token]})
    assert (copied.status_code, "papers" in copied.json()["errors"]) == (422, True)


def test_what_a_form_has_of_a_file_is_good_for_that_entity_alone(person: Person) -> None:
    ann = person("ann")
    one = ann.post("/scrolls", json={"papers": [upload(ann)]}).json()["id"]
    two = ann.post("/scrolls", json={"title": "two"}).json()["id"]
    token = held_in_form(ann, one)

    assert ann.patch(f"/scrolls/{two}", json={"papers": [token]}).status_code == 422
    more = [token, upload(ann, b"more")]
    assert ann.patch(f"/scrolls/{one}", json={"papers": more}).status_code == 200


def test_an_action_takes_an_upload_of_ones_own_and_no_other_file(person: Person) -> None:
    ann, ben = person("ann"), person("ben")
    id = ann.post("/scrolls", json={"papers": [upload(ann)]}).json()["id"]
    mine = ben.post("/scrolls", json={}).json()["id"]
    ann.post("/deny", json=["read:ben"])
    own = upload(ben, b"my own")

    for paper in (held_in_form(ben, id), upload(ann)):
        answer = ben.post(f"/scrolls/{mine}/file", json={"paper": paper})
        assert (answer.status_code, "paper" in answer.json()["errors"]) == (422, True)
    assert ben.post(f"/scrolls/{mine}/file", json={"paper": own}).json() == "my own"


def test_nobody_gets_a_file_from_an_action_by_saying_where_it_is(person: Person) -> None:
    ann = person("ann")
    ann.post("/scrolls", json={"papers": [upload(ann)]})
    (paper, *_) = [file for one in ann.get("/stored").json()["scrolls"] for file in one["papers"]]
    mine = ann.post("/scrolls", json={}).json()["id"]

    one = ann.post(f"/scrolls/{mine}/file", json={"paper": paper})
    inside = ann.post(f"/scrolls/{mine}/look", json={"papers": {"a": paper}})
    assert (one.status_code, inside.status_code) == (422, 422)
    for way in ("/read-scroll", "/cmds/scroll.read.v1"):
        answer = ann.post(way, json={"paper": paper})
        assert (answer.status_code, "paper" in answer.json()["errors"]) == (422, True)
    assert "Upload the file first" in one.json()["errors"]["paper"]
    assert list(inside.json()["errors"].values()) == [one.json()["errors"]["paper"]]


def test_it_is_not_told_where_a_file_is_kept(person: Person) -> None:
    ann = person("ann")
    made = ann.post("/scrolls", json={"papers": [upload(ann)]}).json()

    assert "key" not in made["papers"][0]


def test_an_upload_that_is_named_many_times_is_kept_once(person: Person, keeping: Server) -> None:
    ann = person("ann")
    folder = keeping.folder / ".nitro/files/scrolls"
    before = len(list(folder.glob("*")))
    made = ann.post("/scrolls", json={"papers": [upload(ann)] * 500})

    assert made.status_code == 201, made.text
    assert len(list(folder.glob("*"))) == before + 1


def test_an_upload_that_is_used_by_many_at_once_is_held_by_one(person: Person) -> None:
    ann = person("ann")
    token = upload(ann)
    with ThreadPoolExecutor(6) as pool:
        sent = {"papers": [token]}
        answers = list(pool.map(lambda _: ann.post("/scrolls", json=sent).status_code, range(6)))

    assert sorted(answers) == [201, 422, 422, 422, 422, 422]


def test_lists_within_lists_are_no_files(person: Person) -> None:
    ann = person("ann")
    page = ann.get("/scrolls/new").text
    seal = re.search(r'name="_nitro" value="([^"]+)"', page)
    assert seal
    sent = {"_nitro": unescape(seal[1]), "title": "x", "papers": "[" * 20_000}

    assert ann.post("/scrolls", data=sent, headers=HTML).status_code == 422


def test_the_note_that_somebody_is_here_is_read_carefully(person: Person) -> None:
    json = {"content-type": "application/json"}
    answer = person("ann").post("/_nitro/here", content="[" * 100_000, headers=json)

    assert answer.status_code == 400
