"""Files in forms: bytes of an entity or of an action, chosen, kept, removed, and refused."""

from __future__ import annotations

import base64
import random
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")
pytest.importorskip("nitro_fastapi")
pytest.importorskip("python_multipart")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import Field

import nitro
from nitro import Card, Entity, Form, Table, action, ui
from nitro_entities import state as entities
from nitro_events.joints import connect
from nitro_events.settings import configure
from nitro_events.state import state as events
from support.form_html import FormReader, sent_by

HEADERS = {"accept": "text/html", "sec-fetch-site": "same-origin"}
EDGE = "----edge"
TYPE = {"content-type": f"multipart/form-data; boundary={EDGE}"}
PICTURE = bytes(range(256)) * 48  # no UTF-8, 12 KB


class Citizen(Entity):
    name: str = Field(min_length=2)
    photo: Annotated[
        bytes | None, ui(widget="file", accept="image/png"), Field(max_length=20_000)
    ] = None

    @action
    def check_in(self, scan: bytes, note: str = "") -> str:
        return f"{len(scan)} and {note!r}"


class Document(Entity):
    title: str
    content: bytes


class Unadorned(Entity):
    name: str


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    entities.reset()
    events.reset()
    connect()
    app = FastAPI()
    nitro.install(app)
    with TestClient(app, headers=HEADERS, follow_redirects=False) as made:
        yield made
    events.reset()
    entities.reset()


def part(name: str, content: bytes, file: str | None = None) -> bytes:
    said = f'Content-Disposition: form-data; name="{name}"'
    if file is not None:
        said += f'; filename="{file}"\r\nContent-Type: image/png'
    return f"--{EDGE}\r\n{said}\r\n\r\n".encode() + content + b"\r\n"


def body_of(sent: list[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]) -> bytes:
    texts = [part(name, text.encode()) for name, text in sent if name not in files]
    chosen = [part(name, content, file) for name, (file, content) in files.items()]
    return b"".join([*texts, *chosen, f"--{EDGE}--\r\n".encode()])


def form_at(client: TestClient, path: str) -> FormReader:
    page = client.get(path)
    assert page.status_code == 200, page.text
    key = re.search(r'<form [^>]*id="(form-[^"]+)"[^>]*enctype="multipart/form-data"', page.text)
    assert key is not None, page.text
    return sent_by(page.text, key[1])


def send(
    client: TestClient,
    form: FormReader,
    file: bytes | None = None,
    *more: tuple[str, str],
    field: str = "photo",
    headers: Mapping[str, str] | None = None,
    **typed: str,
) -> Any:
    kept = [(n, typed.pop(n, text)) for n, text in form.sent if n != field]
    # what a browser sends where nothing was chosen has no name and no content
    chosen = {field: ("", b"") if file is None else ("C:\\fake\\me.png", file)}
    body = body_of([*kept, *typed.items(), *more], chosen)
    return client.post(form.action, content=body, headers={**TYPE, **(headers or {})})


def edit(client: TestClient, citizen: Citizen) -> FormReader:
    return form_at(client, f"/citizens/{citizen.id}/edit")


def photo_of(citizen: Citizen) -> bytes | None:
    return Citizen.get(citizen.id).photo


def replace_photo(citizen: Citizen) -> None:
    other = Citizen.get(citizen.id)
    other.photo = PICTURE
    other.save()


def test_the_input_says_what_may_be_chosen_and_how_large_it_may_be(client: TestClient) -> None:
    page = client.get("/citizens/new").text

    assert '<input type="file"' in page
    assert 'accept="image/png"' in page
    assert "Up to 20 KB" in page
    assert "Up to 1 MB" in client.get("/documents/new").text
    assert "multipart" not in client.get("/unadorneds/new").text


def test_a_chosen_file_is_stored_byte_for_byte(client: TestClient) -> None:
    response = send(client, form_at(client, "/citizens/new"), PICTURE, name="Ann")

    assert response.status_code == 303, response.text
    assert [one.photo for one in Citizen.all()] == [PICTURE]


def test_no_file_leaves_what_is_stored(client: TestClient) -> None:
    ann = Citizen(name="Ann", photo=PICTURE).save()

    assert send(client, edit(client, ann), name="Anna").status_code == 303
    again = Citizen.get(ann.id)
    assert (again.name, again.photo) == ("Anna", PICTURE)


def test_a_file_can_be_replaced_and_removed(client: TestClient) -> None:
    ann = Citizen(name="Ann", photo=PICTURE).save()

    assert send(client, edit(client, ann), b"\xff\x00").status_code == 303
    assert photo_of(ann) == b"\xff\x00"
    assert "Remove" in client.get(f"/citizens/{ann.id}/edit").text
    assert send(client, edit(client, ann), None, ("_clear", "photo")).status_code == 303
    assert photo_of(ann) is None
    assert "Remove" not in client.get(f"/citizens/{ann.id}/edit").text


def test_what_is_in_a_file_is_never_shown(client: TestClient) -> None:
    ann = Citizen(name="Ann", photo=b"find me if you can").save()
    shown = client.get(f"/citizens/{ann.id}/edit").text + str(Card.from_entity(ann))
    shown += str(Table.from_entity(Citizen)) + str(Form.from_entity(ann))

    assert "18 bytes" in shown
    assert "find me" not in shown
    assert base64.b64encode(b"find me").decode()[:8] not in shown


def test_a_required_file_is_asked_for_once(client: TestClient) -> None:
    refused = send(client, form_at(client, "/documents/new"), field="content", title="Note")
    assert refused.status_code == 422
    assert "Fill in this field" in refused.text
    assert send(
        client, form_at(client, "/documents/new"), b"x", field="content", title="Note"
    ).status_code in (303, 200)

    note = Document.first()
    assert note is not None
    form = form_at(client, f"/documents/{note.id}/edit")
    assert send(client, form, field="content", title="Other").status_code == 303
    assert Document.get(note.id).content == b"x"


def test_a_file_that_is_too_large_is_told_at_its_field(client: TestClient) -> None:
    refused = send(client, form_at(client, "/citizens/new"), bytes(20_001), name="Ann")

    assert refused.status_code == 422
    assert "This file has 20 KB. Choose one of 20 KB at most" in refused.text
    assert Citizen.count() == 0


def test_a_body_that_is_too_large_is_413(client: TestClient) -> None:
    form = form_at(client, "/citizens/new")

    assert send(client, form, bytes(2**20), name="Ann").status_code == 413


def test_the_limit_of_a_file_is_never_above_that_of_a_request(client: TestClient) -> None:
    configure(limits={"body": 8000})

    assert "Up to 6 KB" in client.get("/citizens/new").text
    refused = send(client, form_at(client, "/citizens/new"), bytes(6001), name="Ann")
    assert refused.status_code == 422
    assert Citizen.count() == 0


def test_a_larger_request_alone_does_not_allow_larger_files(client: TestClient) -> None:
    configure(limits={"body": 4 * 2**20})
    form = form_at(client, "/documents/new")

    assert send(client, form, bytes(2**20 + 1), field="content", title="Note").status_code == 422


def test_after_a_refusal_elsewhere_the_file_is_asked_for_again(client: TestClient) -> None:
    refused = send(client, form_at(client, "/citizens/new"), PICTURE, name="A")

    assert refused.status_code == 422
    assert "Choose the file again" in refused.text
    nothing = send(client, form_at(client, "/citizens/new"), name="A")
    assert "Choose the file again" not in nothing.text


def test_a_removal_stays_ticked_after_a_refusal(client: TestClient) -> None:
    ann = Citizen(name="Ann", photo=PICTURE).save()

    refused = send(client, edit(client, ann), None, ("_clear", "photo"), name="A")

    assert refused.status_code == 422
    assert ("_clear", "photo") in sent_by(refused.text, f"form-citizens-{ann.id}").sent


def test_two_files_for_one_field_are_a_conflict_that_tells_their_sizes(client: TestClient) -> None:
    ann = Citizen(name="Ann", photo=b"old").save()
    form = edit(client, ann)
    replace_photo(ann)

    refused = send(client, form, b"mine")

    assert refused.status_code == 409
    assert "Changed to “a file of 12 KB”" in refused.text
    assert "You chose “a file of 4 bytes”" in refused.text
    assert photo_of(ann) == PICTURE


def test_a_file_and_another_field_are_merged(client: TestClient) -> None:
    ann = Citizen(name="Ann", photo=b"old").save()
    form = edit(client, ann)
    replace_photo(ann)

    assert send(client, form, name="Anna").status_code == 303
    assert (Citizen.get(ann.id).name, photo_of(ann)) == ("Anna", PICTURE)


def test_an_action_takes_a_file(client: TestClient) -> None:
    ann = Citizen(name="Ann").save()
    form = form_at(client, f"/citizens/{ann.id}/check_in")

    done = send(client, form, PICTURE, field="scan", note="hi")
    assert done.status_code in (200, 303), done.text
    refused = send(client, form_at(client, f"/citizens/{ann.id}/check_in"), field="scan")
    assert refused.status_code == 422


def test_programs_send_and_get_base64(client: TestClient) -> None:
    text = base64.b64encode(PICTURE).decode()
    json = {"accept": "application/json"}

    made = client.post("/citizens", json={"name": "Ann", "photo": text}, headers=json)
    assert made.status_code == 201, made.text
    assert base64.urlsafe_b64decode(made.json()["photo"]) == PICTURE
    assert [one.photo for one in Citizen.all()] == [PICTURE]
    wrong = client.post("/citizens", json={"name": "Ann", "photo": "é"}, headers=json)
    assert (wrong.status_code, wrong.json()["errors"]) == (422, {"photo": "Send this as base64"})


def test_texts_beside_a_file_are_read_as_those_of_other_forms(client: TestClient) -> None:
    form = form_at(client, "/citizens/new")
    body = body_of([*form.sent, ("name", "x"), ("name", "Zoë\r\n2")], {})
    client.post(form.action, content=body, headers=TYPE)
    assert [one.name for one in Citizen.all()] == ["Zoë\n2"]

    form = form_at(client, "/citizens/new")
    seal = part("_nitro", dict(form.sent)["_nitro"].encode())
    end = f"--{EDGE}--\r\n".encode()
    latin = {"content-type": f"{TYPE['content-type']}; charset=latin-1"}
    body = seal + part("name", "Zoë".encode("latin-1")) + end
    assert client.post(form.action, content=body, headers=TYPE).status_code == 400
    assert client.post(form.action, content=body, headers=latin).status_code == 303
    unknown = {"content-type": f"{TYPE['content-type']}; charset=utf-7"}
    assert client.post(form.action, content=body, headers=unknown).status_code == 415


def test_a_file_for_a_field_of_text_is_none(client: TestClient) -> None:
    form = form_at(client, "/citizens/new")
    form.sent = [(name, text) for name, text in form.sent if name != "name"]

    assert send(client, form, b"Ann", field="name").status_code == 422
    assert Citizen.count() == 0


def test_only_forms_with_files_are_read_in_parts(client: TestClient) -> None:
    page = client.get("/unadorneds/new").text
    form = sent_by(page, "form-unadorneds-new")
    body = body_of([*form.sent, ("name", "Ann")], {})

    assert client.post(form.action, content=body, headers=TYPE).status_code == 415
    assert Unadorned.count() == 0


def test_a_form_with_files_is_guarded_as_any_other(client: TestClient) -> None:
    form = form_at(client, "/citizens/new")

    foreign = send(client, form, PICTURE, name="Ann", headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    unsealed = body_of([("name", "Ann")], {"photo": ("me.png", PICTURE)})
    assert client.post("/citizens", content=unsealed, headers=TYPE).status_code == 400
    other = [("_nitro", dict(form_at(client, "/documents/new").sent)["_nitro"]), ("name", "Ann")]
    assert client.post("/citizens", content=body_of(other, {}), headers=TYPE).status_code >= 400
    assert client.put(form.action, content=body_of(form.sent, {}), headers=TYPE).status_code == 405
    assert Citizen.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"--" + EDGE.encode(),
        b"--" + EDGE.encode() + b"--",
        part("name", b"Ann"),
        part("name", b"\xff") + f"--{EDGE}--".encode(),
        f"--{EDGE}\r\n\r\nx\r\n--{EDGE}--".encode(),
        f"--{EDGE}\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--{EDGE}--".encode(),
        b"".join(part("a", b"") for _ in range(1001)) + f"--{EDGE}--".encode(),
        f"--{EDGE}\r\n".encode() + b"A: b\r\n" * 9 + f"\r\n\r\n--{EDGE}--".encode(),
        f"--{EDGE}\r\nA: {'b' * 5000}\r\n\r\nx\r\n--{EDGE}--".encode(),
    ],
    ids=[
        "empty", "no boundary", "only a start", "only an end", "no end", "no text", "no name",
        "attachment", "many parts", "many headers", "long header",
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_400(client: TestClient, body: bytes) -> None:
    assert client.post("/citizens", content=body, headers=TYPE).status_code == 400


@pytest.mark.parametrize("said", ["", "; boundary=", "; boundary=" + "x" * 300, '; boundary="'])
def test_a_type_without_a_usable_boundary_is_400(client: TestClient, said: str) -> None:
    headers = {"content-type": f"multipart/form-data{said}"}

    assert client.post("/citizens", content=b"--x--", headers=headers).status_code == 400


def test_no_malformed_body_is_an_error_of_ours(client: TestClient) -> None:
    source = random.Random(7)
    form = form_at(client, "/citizens/new")
    good = body_of([*form.sent, ("name", "A")], {"photo": ("me.png", PICTURE[:300])})
    pieces = [b"\r\n", b"\n", b"--", EDGE.encode(), b'"', b";", b":", b"\x00", b"\xff", b"name*="]
    found: set[int] = set()
    for _ in range(300):
        body = bytearray(good)
        for _ in range(source.randrange(1, 6)):
            at, to = sorted(source.randrange(len(body) + 1) for _ in range(2))
            piece = source.choice([*pieces, source.randbytes(5)])
            body[at : to if source.random() < 0.3 else at] = piece
        found.add(client.post(form.action, content=bytes(body), headers=TYPE).status_code)

    assert found <= {303, 400, 413, 422}
    assert 400 in found


def test_without_the_library_the_log_says_what_to_install(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "python_multipart", None)

    assert client.get("/citizens/new").status_code == 500
    assert 'pip install "nitro-events[uploads]"' in caplog.text
    assert client.get("/unadorneds/new").status_code == 200
