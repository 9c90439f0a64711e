"""``nitro eject``: a module is written, once."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Nitro = Callable[..., list[Any]]

SHOP = """
from nitro import Entity
from pydantic import BaseModel


class Takeover(Entity):
    name: str
    price: int = 0


class Leaflet(BaseModel):
    text: str


class NoModel: ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "twice.py").write_text("import shop\n" + SHOP)
    (tmp_path / "pyproject.toml").write_text('[tool.nitro]\napp = "shop"\n')
    return tmp_path


def test_a_module_is_written_and_never_written_over(folder: Path, nitro: Nitro) -> None:
    first, again, forced = nitro(
        "eject shop Takeover", "eject Takeover --only form", "eject Takeover --only form --force"
    )

    assert (first.code, forced.code) == (0, 0), first.err + forced.err
    assert "takeovers_views.py written" in first.out
    assert "TakeoverTable.from_entity(...)  # in place of Table.from_entity(...)" in first.out
    assert again.code == 1
    assert "takeovers_views.py is there already" in again.err
    assert "--output" in again.err
    assert "--force" in again.err
    text = (folder / "takeovers_views.py").read_text(encoding="utf-8")
    assert "Written once by `nitro eject Takeover --only form`." in text
    found = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert found == ["TakeoverForm"]


def test_parts_and_the_file_can_be_named(folder: Path, nitro: Nitro) -> None:
    (folder / "views").mkdir()
    (said,) = nitro("eject shop shop.Takeover --only table,card -o views/own.py")

    assert said.code == 0, said.err
    text = (folder / "views" / "own.py").read_text(encoding="utf-8")
    found = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert found == ["TakeoverTable", "TakeoverCard"]


def test_a_plain_model_is_found_in_the_module(folder: Path, nitro: Nitro) -> None:
    (said,) = nitro("eject Leaflet")

    assert said.code == 0, said.err
    assert "from shop import Leaflet" in (folder / "leaflet_views.py").read_text(encoding="utf-8")


def test_every_mistake_says_what_to_do(folder: Path, nitro: Nitro) -> None:
    said = nitro(
        "eject Takeovr",
        "eject NoModel",
        "eject Takeover --only list",
        "eject Takeover -o nowhere/own.py",
        "eject Leaflet --only table",
        "eject twice Takeover",
    )

    assert [one.code for one in said] == [2, 1, 2, 1, 1, 2]
    unknown, no_model, part, nowhere, table, several = (one.err for one in said)
    assert "no entity class 'Takeovr'. Entity classes of the application: Takeover" in unknown
    assert "no entity, entity class, query for entities or pydantic model" in no_model
    assert "--only list: There is no part 'list'. Parts: table, form, card" in part
    assert "nowhere/own.py cannot be written" in nowhere
    assert "Leaflet is stored nowhere, so it has no table" in table
    assert "several classes 'Takeover'. Say which one: shop.Takeover or twice.Takeover" in several
