"""Files: what a spreadsheet may not run, what a program must be able to read again."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from importlib import util
from zipfile import ZipFile

import pytest

from nitro_templates import Safe
from nitro_templates.export import KINDS, Options, Sheet, disposition, file_name, write
from nitro_templates.export.values import Plain, defused, plain, text_in
from nitro_templates.tags import Span

USUAL = Options()


def sheet(*rows: list[Plain], options: Options = USUAL) -> Sheet:
    width = len(rows[0]) if rows else 1
    columns = tuple((f"field_{n}", f"Field {n}") for n in range(width))
    return Sheet("Things", columns, [list(rows)], options)


def csv_rows(*rows: list[Plain], options: Options = USUAL) -> list[list[str]]:
    text = b"".join(write("csv", sheet(*rows, options=options))).decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text), delimiter=options.separator)][1:]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1-1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\uff1d1",
        "=cmd|' /C calc'!A0",
    ],
    ids=ascii,
)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_rows([text])[0][0].startswith("'")


@pytest.mark.parametrize("text", ["x;=1+1", "x\n=1+1", "x\t@SUM(A1)", "x; +1"], ids=ascii)
def test_a_formula_behind_what_other_countries_separate_cells_with_is_defused(text: str) -> None:
    assert "'" in defused(text)
    assert defused(text).replace("'", "") == text


@pytest.mark.parametrize("text", ["a=b", "1-1", "me@example.com", "x - y", "", "a, b"])
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert defused(text) == text


@pytest.mark.parametrize("value", [-5, -1.5, Decimal("-1.10"), 1e-7, -(10**20)], ids=str)
def test_numbers_stay_numbers(value: Plain) -> None:
    assert csv_rows([value]) == [[str(value)]]


def test_defusing_can_be_turned_off() -> None:
    assert csv_rows(["=1"], options=Options(defuse=False)) == [["=1"]]


def test_a_hostile_value_stays_one_cell_of_one_row(hostile: str) -> None:
    rows = csv_rows(["before", hostile, "after"])
    assert len(rows) == 1
    assert rows[0][0] == "before"
    assert rows[0][1].replace("'", "") == hostile.replace("'", "")
    assert rows[0][2] == "after"


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    assert b"".join(write("csv", sheet(["Zürich"]))).startswith(b"\xef\xbb\xbfField 0\r\n")
    plain_text = b"".join(write("csv", sheet(["x"], options=Options(bom=False))))
    assert plain_text == b"Field 0\r\nx\r\n"


def test_the_heading_is_the_label_or_the_name() -> None:
    assert b"".join(write("csv", sheet(["x"], options=Options(names=True)))).endswith(
        b"field_0\r\nx\r\n"
    )


def test_an_empty_table_is_a_file_with_a_heading() -> None:
    nothing = Sheet("Things", (("name", "Name"),), [])
    assert b"".join(write("csv", nothing)) == b"\xef\xbb\xbfName\r\n"
    assert json.loads(b"".join(write("json", nothing))) == []


def test_json_is_an_array_with_the_names_as_keys() -> None:
    row: list[Plain] = ["=1", -5, Decimal("1.10"), None, True, date(2020, 1, 2), ["a", "b"], 1.5]
    read = json.loads(b"".join(write("json", sheet(row, row))), parse_float=Decimal)
    assert len(read) == 2
    expected = ["=1", -5, Decimal("1.10"), None, True, "2020-01-02", ["a", "b"], Decimal("1.5")]
    assert [*read[0].values()] == expected
    assert [*read[0]][:2] == ["field_0", "field_1"]


def test_json_knows_no_nan() -> None:
    row: list[Plain] = [float("nan"), float("inf"), Decimal("NaN")]
    assert [*json.loads(b"".join(write("json", sheet(row))))[0].values()] == [None] * 3


def test_json_carries_hostile_values(hostile: str) -> None:
    assert json.loads(b"".join(write("json", sheet([hostile])))) == [{"field_0": hostile}]


def test_half_a_surrogate_pair_loses_no_file() -> None:
    for kind in KINDS:
        assert b"".join(write(kind, sheet(["\ud800"])))


def cells(*row: Plain) -> list[tuple[object, str]]:
    openpyxl = pytest.importorskip("openpyxl")
    body = b"".join(write("xlsx", sheet([*row])))
    book = openpyxl.load_workbook(io.BytesIO(body))
    return [(cell.value, cell.data_type) for cell in [*book.active.rows][1]]


def test_a_text_in_a_workbook_is_never_a_formula_link_or_number() -> None:
    found = cells(
        "=1+1", "{=1}", "+1-1", "https://evil.example", "mailto:a@b", "12", "internal:A1"
    )
    assert {kind for _, kind in found} == {"s"}
    assert found[0] == ("=1+1", "s")


def test_a_workbook_keeps_numbers_and_moments() -> None:
    at = datetime(2020, 5, 6, 7, 8, 9)
    assert cells(-5, 1.5, Decimal("1.10"), True, date(2020, 5, 6), at, time(7, 8)) == [
        (-5, "n"),
        (1.5, "n"),
        (1.1, "n"),
        (True, "b"),
        (datetime(2020, 5, 6), "d"),
        (at, "d"),
        (time(7, 8), "d"),
    ]


def test_what_a_workbook_cannot_hold_exactly_is_text() -> None:
    far, aware = date(1899, 1, 1), datetime(2020, 1, 1, tzinfo=UTC)
    assert cells(10**18, float("nan"), far, aware) == [
        ("1000000000000000000", "s"),
        ("nan", "s"),
        ("1899-01-01", "s"),
        ("2020-01-01 00:00:00+00:00", "s"),
    ]


def test_a_workbook_carries_hostile_values(hostile: str) -> None:
    body = b"".join(write("xlsx", sheet([hostile])))
    with ZipFile(io.BytesIO(body)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    monkeypatch.setattr("nitro_templates.export.files.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'nitro-templates\[xlsx\]'"):
        KINDS["xlsx"].check()


@pytest.mark.parametrize(("kind", "rows"), [("csv", 20_000), ("json", 20_000), ("xlsx", 5_000)])
def test_the_memory_that_a_file_takes_does_not_grow_with_its_rows(kind: str, rows: int) -> None:
    def taken(number: int) -> int:
        tracemalloc.start()
        for _ in write(kind, Sheet("Things", columns, batches(number))):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def batches(number: int) -> Iterator[list[list[Plain]]]:
        for start in range(0, number, 500):
            yield [[n, f"Thing {n}", "x" * 60] for n in range(start, start + 500)]

    columns = (("a", "A"), ("b", "B"), ("c", "C"))
    taken(500)  # what is loaded and kept at the first time

    assert taken(rows) < taken(1000) + 300_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_fails_ends_the_file_with_its_exception(kind: str) -> None:
    def batches() -> Iterator[list[list[Plain]]]:
        yield [["a"]] * 500
        msg = "no more"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="no more"):
        list(write(kind, Sheet("Things", (("a", "A"),), batches())))


class Colour(Enum):
    DARK_RED = "r"


def test_a_value_is_exported_as_it_reads_without_how_it_looks() -> None:
    assert plain(Span("Fish & ", Safe("<b>chips</b>"))) == "Fish & chips"
    assert plain(Colour.DARK_RED) == "Dark red"
    assert plain({"b"}) == ["b"]
    assert plain(None) is None


def test_scripts_and_the_mark_of_an_empty_cell_are_no_text() -> None:
    markup = '<p>a</p><script>alert(1)</script><span role="img" aria-label="empty">—</span>b'
    assert text_in(markup) == "a b"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Products", "Products.csv"),
        ("../../etc/passwd", "etc passwd.csv"),
        ('a"; filename="b', "a filename= b.csv"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie x.csv"),
        ("photo\u202egpj.exe", "photo gpj.exe.csv"),
        ("CON", "export CON.csv"),
        ("...", "export.csv"),
        ("", "export.csv"),
    ],
    ids=ascii,
)
def test_a_file_name_is_a_name_and_nothing_else(title: str, name: str) -> None:
    assert file_name(title, "csv") == name


def test_a_name_beyond_ascii_is_sent_twice() -> None:
    header = disposition(file_name("Größe", "csv"))
    assert header == "attachment; filename=\"Groe.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv"


def test_any_title_makes_a_header_of_one_line_of_ascii(hostile: str) -> None:
    header = disposition(file_name(hostile, "csv"))
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
