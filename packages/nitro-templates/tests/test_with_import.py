"""Files that are imported: what is read, what is shown, what is written, and what never is."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from enum import Enum
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from pydantic import Field, SecretStr

pytest.importorskip("nitro_entities")
pytest.importorskip("nitro_events")
pytest.importorskip("python_multipart")

from nitro_entities import Entity, SQLEntity, Unique
from nitro_entities import state as entities
from nitro_events import Caller, Request, Response, configure
from nitro_events.http.dispatch import answer
from nitro_events.joints import connect
from nitro_events.state import state as events
from nitro_events.threads import in_thread
from nitro_templates import Page, Table
from nitro_templates.with_events import import_files
from nitro_templates.with_events.responses import convert

T = TypeVar("T")
HTML = {"accept": "text/html", "host": "testserver", "sec-fetch-site": "same-origin"}
DATASTAR = {**HTML, "datastar-request": "true"}
ANN = Caller("ann", "Ann", host="testclient")
BOB = Caller("bob", "Bob", host="testclient")


class Grade(Enum):
    FINE = "f"
    COARSE = "c"


class Sack(SQLEntity, table=True):
    sku: Unique[str]
    name: str = Field(min_length=2)
    weight: int = Field(default=1, ge=0)
    organic: bool = False
    grade: Grade = Grade.FINE
    milled: date | None = None
    code: SecretStr | None = None


class Hamper(Entity):
    sku: Unique[str]
    name: str
    weight: int = 1


OFFERED: dict[str, Any] = {}


def page_of(path: str) -> Page | None:
    kind: Any = {"/sacks": Sack, "/hampers": Hamper}.get(path)
    if kind is None:
        return None
    table = Table.from_entity(kind)
    if not OFFERED.get("nothing"):
        table = table.with_import(*OFFERED.get("fields", ()), key=OFFERED.get("key", "sku"))
    return Page(table, title="All")


@pytest.fixture(autouse=True)
def _fresh_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NITRO_SECRET", "a secret that is long enough")
    monkeypatch.chdir(tmp_path)
    OFFERED.clear()
    entities.state.reset()
    events.reset()
    connect()
    yield
    events.reset()
    entities.state.reset()


async def rerun(url: str) -> object | None:
    return page_of(urlsplit(url).path)


def run(work: Coroutine[object, object, T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _whole(request: Request) -> tuple[Response, str]:
    page = page_of(request.path)
    if page is not None:
        response = await in_thread(convert, page, request, 200)
        return response, response.body.decode()
    answered = await answer(request)
    assert answered is not None
    chunks = answered.chunks
    if chunks is None:
        return answered, answered.body.decode("utf-8", "replace")
    assert isinstance(chunks, AsyncGenerator)
    return answered, "".join([chunk.decode() async for chunk in chunks])


def request_for(
    method: str, path: str, body: bytes, kind: str, headers: dict[str, str], caller: Caller
) -> Request:
    url = urlsplit(path)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 65536):
            yield body[at : at + 65536]

    return Request(
        method,
        unquote(url.path),
        query_string=url.query,
        headers={**headers, **({"content-type": kind} if kind else {})},
        body=pieces() if body else b"",
        client="testclient",
        caller=caller,
        rerun=rerun,
    )


def shown(path: str, caller: Caller = ANN) -> str:
    return run(_whole(request_for("GET", path, b"", "", HTML, caller)))[1]


def form_in(html: str, step: str) -> dict[str, str]:
    """The fields of the form of a step, as a browser would send them."""
    html = html.replace("data: elements ", "")
    for form in re.findall(r"<form.*?</form>", html, re.DOTALL):
        if f"/{step}" in form.split(">")[0]:
            found = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))
            for name, inside in re.findall(
                r'<select name="([^"]*)".*?>(.*?)</select>', form, re.S
            ):
                chosen = re.search(r'<option value="([^"]*)" selected', inside)
                found[name] = chosen[1] if chosen else ""
            action = re.search(r'action="([^"]*)"', form)
            assert action is not None
            return {k: unescape(v) for k, v in {**found, "action": action[1]}.items()}
    raise LookupError(f"There is no form for {step}: {html}")


def upload(
    content: bytes,
    name: str = "a.csv",
    slug: str = "sacks",
    caller: Caller = ANN,
    *,
    sender: Caller | None = None,
) -> tuple[Response, str]:
    fields = form_in(shown(f"/{slug}", caller), "upload")
    edge = "----edge"
    parts = (
        f'--{edge}\r\nContent-Disposition: form-data; name="_nitro"\r\n\r\n{fields["_nitro"]}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: text/csv\r\n\r\n"
    ).encode() + content
    body = parts + f"\r\n--{edge}--\r\n".encode()
    kind = f"multipart/form-data; boundary={edge}"
    request = request_for("POST", fields["action"], body, kind, HTML, sender or caller)
    return run(_whole(request))


def post(
    html: str,
    step: str,
    more: dict[str, str] | None = None,
    caller: Caller = ANN,
    headers: dict[str, str] = HTML,
) -> tuple[Response, str]:
    fields = {**form_in(html, step), **(more or {})}
    path = fields.pop("action")
    body = urlencode(fields).encode()
    kind = "application/x-www-form-urlencoded"
    return run(_whole(request_for("POST", path, body, kind, headers, caller)))


def counts(html: str) -> dict[str, int]:
    found = re.findall(r"<li><strong>([\d,]+)</strong>([^<]*)</li>", html)
    return {said: int(number.replace(",", "")) for number, said in found}


GOOD = b"SKU,Name,Weight,Organic,Grade,Milled\r\na,Rye,5,yes,Coarse,2026-01-02\r\nb,Oat,,no,f,\r\n"


def test_what_would_be_done_is_shown_and_nothing_is_stored() -> None:
    response, page = upload(GOOD)

    assert response.status == 200
    assert counts(page) == {"created": 2, "changed": 0, "already as in the file": 0, "refused": 0}
    assert "Rye" in page
    assert Sack.count() == 0


def test_then_all_of_it_is_stored() -> None:
    _, page = upload(GOOD)

    _, said = post(page, "run")

    assert "Imported: 2 created, 0 changed" in said
    rye, oat = Sack.where(sku="a").first(), Sack.where(sku="b").first()
    assert rye is not None
    assert oat is not None
    assert (rye.name, rye.weight, rye.organic, rye.grade, rye.milled) == (
        "Rye", 5, True, Grade.COARSE, date(2026, 1, 2)
    )  # fmt: skip
    assert (oat.weight, oat.organic, oat.milled) == (1, False, None)


def test_what_is_there_already_is_changed_by_its_key() -> None:
    old = Sack.create(sku="a", name="Rye", weight=2)
    _, page = upload(b"sku;weight\r\na;7\r\n")
    assert counts(page)["changed"] == 1
    assert "Weight: 2 → 7" in page

    post(page, "run")

    assert (Sack.get(old.id).weight, Sack.get(old.id).name) == (7, "Rye")


def test_or_is_refused_if_that_was_chosen() -> None:
    Sack.create(sku="a", name="Rye", weight=2)
    _, page = upload(b"sku,name\r\na,Barley\r\nb,Oat\r\n")

    _, page = post(page, "check", {"_existing": "refuse"})

    assert counts(page)["refused"] == 1
    assert "This is there already" in page


def test_in_memory_it_is_the_same() -> None:
    Hamper.create(sku="a", name="Old")
    _, page = upload(b"sku,name\r\na,New\r\nb,Second\r\n", slug="hampers")

    post(page, "run")

    assert sorted((hamper.sku, hamper.name) for hamper in Hamper.all()) == [
        ("a", "New"), ("b", "Second")
    ]  # fmt: skip


def test_rows_are_refused_with_the_messages_of_their_fields() -> None:
    _, page = upload(b"sku,name,weight\na,Rye,-1\nb,X,2\n,Oat,2\nc,Fine,lots\nd,Good,1\n")

    assert counts(page)["refused"] == 4
    assert counts(page)["created"] == 1
    assert "Weight: Enter 0 or more" in page
    assert "Sku: Fill in this field" in page


def test_with_bad_rows_nothing_is_stored_unless_only_the_good_ones_are_wanted() -> None:
    _, page = upload(b"sku,name\na,Rye\nb,X\n")
    good = form_in(page, "run")
    assert good["_good"] == "1"

    response, _ = post(page, "run", {"_good": ""})
    assert (response.status, Sack.count()) == (409, 0)
    post(page, "run")

    assert [sack.sku for sack in Sack.all()] == ["a"]


def test_the_refused_rows_can_be_had_as_a_file() -> None:
    _, page = upload(b"sku;name\na;Rye\n=cmd;X\n")

    response, text = post(page, "refused")

    assert "attachment" in dict(response.headers)["content-disposition"]
    assert text.splitlines()[0] == "\ufeffsku;name;Why"
    assert text.splitlines()[1].startswith("'=cmd;X;name: ")
    assert len(text.splitlines()) == 2


def test_columns_are_matched_by_label_or_name_and_can_be_corrected() -> None:
    _, page = upload(b"S.K.U.,Title,WEIGHT\na,Rye,3\n")
    assert form_in(page, "check")["_column_0"] == "sku"
    assert form_in(page, "check")["_column_1"] == ""
    assert counts(page)["refused"] == 1

    _, page = post(page, "check", {"_column_1": "name"})
    post(page, "run")

    assert [(sack.name, sack.weight) for sack in Sack.all()] == [("Rye", 3)]


@pytest.mark.parametrize(
    "chosen",
    [{"_column_1": "code"}, {"_column_1": "id"}, {"_column_1": "sku"}, {"_column_1": "x"}],
)
def test_a_column_becomes_only_what_the_table_offers(chosen: dict[str, str]) -> None:
    _, page = upload(b"sku,name\na,Rye\n")

    response, _ = post(page, "check", chosen)

    assert response.status == 422


def test_a_secret_and_what_is_not_offered_are_not_to_choose() -> None:
    OFFERED["fields"] = ("sku", "name")
    _, page = upload(b"sku,name,weight,code\na,Rye,9,x\n")
    assert 'value="code"' not in page
    assert 'value="weight"' not in page

    post(page, "run")

    assert [(sack.weight, sack.code) for sack in Sack.all()] == [(1, None)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("sku,name\na,Grüße\n".encode(), "utf-8"),
        ("\ufeffsku,name\na,Grüße\n".encode(), "utf-8"),
        ("sku,name\na,Grüße\n".encode("utf-16"), "utf-16"),
        ("sku,name\na,Grüße\n".encode("utf-16-be"), "utf-16"),
        ("sku,name\na,Grüße\n".encode("cp1252"), "cp1252"),
    ],
)
def test_encodings_are_found_out(content: bytes, encoding: str) -> None:
    _, page = upload(content)
    assert form_in(page, "check")["_encoding"] == encoding
    assert ("This file is not UTF-8" in page) == (encoding == "cp1252")

    post(page, "run")

    assert [sack.name for sack in Sack.all()] == ["Grüße"]


def test_another_encoding_can_be_chosen() -> None:
    _, page = upload("sku,name\na,Łódź\n".encode("cp1250"))
    assert "Łódź" not in page

    _, page = post(page, "check", {"_encoding": "cp1250"})

    assert "Łódź" in page


@pytest.mark.parametrize("encoding", ["utf-8", "rot13", "cp1252\0"])
def test_an_encoding_that_does_not_fit_is_told(encoding: str) -> None:
    _, page = upload("sku,name\na,Grüße\n".encode("cp1252"))

    response, _ = post(page, "check", {"_encoding": encoding})

    assert response.status == 422


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found_out(separator: str) -> None:
    text = f'sku{separator}name\na{separator}"x, y; z | w\t v"\n'

    _, page = upload(text.encode())

    assert form_in(page, "check")["_separator"] == separator
    assert counts(page)["created"] == 1


def test_a_separator_that_is_said_in_the_file_is_taken() -> None:
    _, page = upload(b"sep=;\r\nsku;name\r\na;Rye, fine\r\n")

    assert counts(page)["created"] == 1


def workbook(*rows: list[object]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_a_workbook_is_read() -> None:
    content = workbook(
        ["SKU", "Name", "Weight", "Organic", "Milled"], ["a", "Rye", 5.0, True, date(2026, 1, 2)]
    )
    _, page = upload(content, "a.xlsx")
    assert 'name="_encoding"' not in page

    post(page, "run")

    (sack,) = Sack.all()
    assert (sack.weight, sack.organic, sack.milled) == (5, True, date(2026, 1, 2))


def test_json_is_read() -> None:
    things = [
        {"sku": "a", "name": "Rye", "weight": 5, "organic": True, "milled": None},
        {"sku": "b", "name": "Oat"},
    ]
    Sack.create(sku="b", name="Old", weight=9, milled=date(2026, 1, 2))
    _, page = upload(json.dumps(things).encode(), "a.json")

    post(page, "run")

    found = {sack.sku: (sack.name, sack.weight, sack.milled) for sack in Sack.all()}
    assert found == {"a": ("Rye", 5, None), "b": ("Oat", 9, date(2026, 1, 2))}


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def with_entity(content: bytes) -> bytes:
    """A workbook whose first sheet defines an entity."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data
            new.writestr(part, data)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \r\n ",
        b"sku,name\r\n",
        b"PK\x03\x04 no archive",
        b"\xd0\xcf\x11\xe0 old",
        b"\x00\x01\x02\x03binary",
        b'sku,name\na,"never closed',
        b"[1, 2]",
        b'{"sku": "a"}',
        b'[{"sku": NaN}]',
        b'[{"sku": "a", "sku": "b"}]',
        b"[" * 100_000,
        b"sku,name\na," + b"x" * 200_000,
        b"sku" + b"," * 300 + b"\na,b\n",
        b"\xff\xfe\x00\x00s\x00\x00\x00",
        zipped(a__txt=b"nothing"),
    ],
    ids=range(16),  # an archive has the time in it, and workers must agree on the names
)
def test_what_cannot_be_read_is_told(content: bytes) -> None:
    response, page = upload(content)

    assert response.status == 422
    assert 'role="alert"' in page
    assert "Back" in page


def test_a_workbook_that_grows_beyond_measure_is_not_opened() -> None:
    bomb = zipped(xl_sheet__xml=b" " * (130 * 1024 * 1024))
    assert len(bomb) < 1_000_000

    response, page = upload(bomb, "a.xlsx")

    assert (response.status, "too large" in page) == (422, True)


def test_a_workbook_with_entities_is_not_opened() -> None:
    response, page = upload(with_entity(workbook(["sku", "name"], ["a", "Rye"])), "a.xlsx")

    assert (response.status, "damaged" in page) == (422, True)


def test_a_sheet_with_a_cell_far_away_is_told() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "sku", "x"
    book.save(file)

    response, _ = upload(file.getvalue(), "a.xlsx")

    assert response.status == 422


def test_a_file_that_is_too_large_is_refused_while_it_comes() -> None:
    response, _ = upload(b"x" * (10 * 1024 * 1024 + 200_000))

    assert response.status == 413


def test_an_address_without_a_login_has_so_many_files_waiting() -> None:
    here, there = Caller(host="testclient"), Caller(host="10.0.0.2")
    configure(policy=lambda *_: True, limits={"imports_of_address": 2 * 1024 * 1024})
    statuses = [upload(b"sku,name\na,Rye\n", caller=one)[0].status for one in (here, here)]

    refused, said = upload(b"sku,name\na,Rye\n", caller=here)

    assert statuses == [200, 200]
    assert refused.status == 429
    assert "Too many files are waiting to be imported from your network" in said
    assert upload(b"sku,name\na,Rye\n", caller=there)[0].status == 200


def test_too_many_rows_are_told() -> None:
    rows = "".join(f"s{n},Rye\n" for n in range(20_001))

    _, page = upload(f"sku,name\n{rows}".encode())

    assert "more than 20,000 rows" in page


def test_what_an_export_of_ours_has_defused_comes_back_as_it_was() -> None:
    Sack.create(sku="=1+1", name="-Rye")
    from nitro_templates.export import Options, Sheet, write

    rows = [[sack.sku, sack.name] for sack in Sack.all()]
    heads = (("sku", "Sku"), ("name", "Name"))
    made = b"".join(write("csv", Sheet("x", heads, iter([rows]), Options())))
    assert b"'=1+1" in made

    _, page = upload(made)

    assert counts(page)["already as in the file"] == 1


def test_how_many_are_refused_is_told_where_all_was_to_be_imported() -> None:
    said = []
    for more in (b"", b"a,Tef\n"):
        _, page = upload(b"sku,name\na,Rye\na,Oat\n" + more)
        said.append(post(page, "run", {"_good": ""})[1])

    assert "Nothing was imported: 1 row is refused." in said[0]
    assert "Nothing was imported: 2 rows are refused." in said[1]


def test_two_rows_about_the_same_thing_are_told() -> None:
    _, page = upload(b"sku,name\na,Rye\na,Oat\n")

    assert counts(page)["refused"] == 1
    assert "Row 2 says something about it already" in page


def test_a_unique_value_that_is_taken_is_told_before() -> None:
    OFFERED["key"] = None
    Sack.create(sku="a", name="Rye")

    _, page = upload(b"sku,name\na,Rye\nb,Oat\nb,Oat\n")

    assert counts(page) == {
        "created": 1, "changed": 0, "already as in the file": 0, "refused": 2
    }  # fmt: skip


def test_by_its_id_only_what_is_there_is_changed() -> None:
    OFFERED["key"] = "id"
    sack = Sack.create(sku="a", name="Rye")

    _, page = upload(f"id,name\n{sack.id},Oat\nforged,Bad\n".encode())
    assert counts(page) == {
        "created": 0, "changed": 1, "already as in the file": 0, "refused": 1
    }  # fmt: skip
    post(page, "run")

    assert [one.name for one in Sack.all()] == ["Oat"]


def test_what_changed_since_it_was_shown_is_told_and_nothing_is_written() -> None:
    sack = Sack.create(sku="a", name="Rye", weight=2)
    _, page = upload(b"sku,name,weight\na,Rye,7\nb,Oat,1\n")
    sack.update(weight=3).save()

    response, again = post(page, "run")

    assert response.status == 409
    assert "something has changed since you looked. See row 2" in again
    assert "Weight: 3 → 7" in again
    assert (Sack.get(sack.id).weight, Sack.count()) == (3, 1)
    post(again, "run")
    assert (Sack.get(sack.id).weight, Sack.count()) == (7, 2)


def test_what_was_added_since_it_was_shown_is_told() -> None:
    _, page = upload(b"sku,name\na,Rye\n")
    Sack.create(sku="a", name="Rye")

    response, _ = post(page, "run")

    assert response.status == 409
    assert Sack.count() == 1


def test_it_is_written_once() -> None:
    _, page = upload(GOOD)
    post(page, "run")

    response, _ = post(page, "run")

    assert response.status == 400
    assert Sack.count() == 2


def test_with_scripts_progress_is_told_and_then_the_table() -> None:
    rows = "".join(f"s{n},Rye\n" for n in range(450))
    _, page = upload(f"sku,name\n{rows}".encode())

    _, said = post(page, "run", headers=DATASTAR)

    assert "200 of 450" in said
    assert "nitro-go" in said
    assert "/sacks?_undo=" in said
    assert "nitro-toast error" not in said
    assert Sack.count() == 450


def test_with_scripts_what_would_be_done_takes_the_place_of_what_was_shown() -> None:
    _, page = upload(b"Title,sku\nRye,a\n")

    _, said = post(page, "check", {"_column_0": "name"}, headers=DATASTAR)

    assert "0 of 1" in said
    assert counts(said)["created"] == 1
    assert "nitro-toast error" not in said


def test_an_import_is_taken_back() -> None:
    old = Sack.create(sku="a", name="Rye", weight=2)
    _, page = upload(b"sku,name,weight\na,Rye,7\nb,Oat,1\n")
    _, said = post(page, "run")

    _, undone = post(said, "undo")

    assert "Undone" in undone
    assert [(sack.id, sack.weight) for sack in Sack.all()] == [(old.id, 2)]


def test_the_policy_is_asked_for_the_import_and_for_each_row() -> None:
    Sack.create(sku="a", name="Rye", weight=2)
    _, page = upload(b"sku,name\na,Oat\nb,Oat\n")

    configure(policy=lambda caller, operation, target: operation not in ("create", "update"))
    _, again = post(page, "check")
    assert counts(again)["refused"] == 2
    assert "You may not change it" in again
    configure(policy=lambda caller, operation, target: operation != "import")

    assert post(page, "check")[0].status == 403
    assert "nitro-upload" not in shown("/sacks")


def test_the_file_of_somebody_else_cannot_be_used() -> None:
    _, page = upload(GOOD)

    for step in ("check", "run", "refused"):
        assert post(page, step if step != "refused" else "run", caller=BOB)[0].status == 400


def test_a_form_of_somebody_else_takes_no_file() -> None:
    response, _ = upload(GOOD, sender=BOB)

    assert response.status in (400, 413)


def test_a_form_for_another_class_is_refused() -> None:
    _, page = upload(GOOD)
    fields = form_in(page, "run")
    fields["action"] = fields["action"].replace("sacks", "hampers")
    body = urlencode({"_nitro": fields["_nitro"]}).encode()
    kind = "application/x-www-form-urlencoded"

    response, _ = run(_whole(request_for("POST", fields["action"], body, kind, HTML, ANN)))

    assert response.status == 400


def test_a_table_that_offers_none_any_more_takes_none() -> None:
    _, page = upload(GOOD)
    OFFERED["nothing"] = True

    assert post(page, "run")[0].status == 404


def test_a_file_is_kept_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "LIFETIME", -import_files.LIFETIME)
    _, page = upload(GOOD)

    response, text = post(page, "run")

    assert (response.status, "not kept any more" in text) == (400, True)


def test_the_next_file_takes_the_place_of_the_one_before() -> None:
    _, first = upload(GOOD)
    upload(GOOD)

    assert post(first, "run")[0].status == 400


def test_a_large_file_is_kept_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "PART", 10)
    _, page = upload(GOOD)

    post(page, "run")

    assert Sack.count() == 2


def test_what_is_in_a_file_is_text_wherever_it_stands() -> None:
    evil = "<script>alert(1)</script>"

    _, page = upload(f"{evil},sku,name\n{evil},a,{evil}\n,b,x\n".encode(), evil)

    assert "<script>alert" not in page


def test_a_field_that_cannot_be_imported_is_refused_when_the_table_is_made() -> None:
    with pytest.raises(LookupError, match="code"):
        Table.from_entity(Sack).with_import("code")
    with pytest.raises(LookupError, match="key"):
        Table.from_entity(Sack).with_import("name", key="sku")
