"""``nitro db``: from classes to files to tables, and back."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("alembic")

Nitro = Callable[..., list[Any]]

APP = """
from nitro import SQLEntity

class Lamp(SQLEntity, table=True):
    name: str
    colour: str = "red"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(APP)
    (tmp_path / "pyproject.toml").write_text('[tool.nitro]\napp = "shop"\n')
    return tmp_path


def rows(folder: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(folder / ".nitro" / "data.db")) as connection:
        found = connection.execute(sql).fetchall()
        connection.commit()
        return found


def test_from_an_empty_folder_to_tables(project: Path, nitro: Nitro) -> None:
    lacking, init, written, again, dry, before, ran, after, check, current, history = nitro(
        "db upgrade",
        "db init",
        ["db", "migrate", "first tables"],
        ["db", "revision", "first tables", "--json"],
        "db upgrade --sql",
        "db check --json",
        "db upgrade",
        "db upgrade",
        "db check",
        "db current --json",
        "db history",
    )

    assert "Run: nitro db init" in lacking.err
    assert (lacking.code, init.code) == (1, 0)
    assert "make table lamp" in written.out
    assert "Read migrations/versions/" in written.out
    assert "There are migrations that the database has not had" in again.err
    assert "CREATE TABLE lamp" in dry.out
    assert "INSERT INTO alembic_version" in dry.out
    assert before.code == 1
    assert "has not run" in str(json.loads(before.out)["differences"])
    assert "first tables: ran" in ran.out
    assert "Nothing to do" in after.out
    assert check.code == 0
    assert history.out.startswith("[x] " + json.loads(current.out)[0])


def test_a_dry_run_keeps_nothing(project: Path, nitro: Nitro) -> None:
    *_, up, check, _ = nitro(
        *("db init", ["db", "make", "first"], "db upgrade --sql", "db check", "db upgrade")
    )
    rows(project, "INSERT INTO lamp (id, name, colour) VALUES ('1', 'Sun', 'red')")
    (down,) = nitro("db downgrade base --sql")

    assert "CREATE TABLE lamp" in up.out
    assert "(first) has not run" in check.out
    assert "DROP TABLE lamp" in down.out
    assert rows(project, "SELECT name FROM lamp") == [("Sun",)]


def test_values_are_lost_only_if_somebody_says_so(project: Path, nitro: Nitro) -> None:
    nitro("db init", ["db", "migrate", "first"], "db upgrade")
    rows(project, "INSERT INTO lamp (id, name, colour) VALUES ('1', 'Sun', 'red')")
    (project / "shop.py").write_text(APP.replace('    colour: str = "red"\n', ""))
    written, refused, done = nitro(
        ["db", "migrate", "no colours"], "db upgrade", "db upgrade --yes"
    )

    assert "! lamp.colour" in written.out
    assert refused.code == 1
    assert "lamp.colour" in refused.out
    assert "nothing was changed. Make a backup and add --yes" in refused.err
    assert done.code == 0
    assert rows(project, "SELECT * FROM lamp") == [("1", "Sun", 1)]


def test_a_column_takes_its_values_to_another_name(project: Path, nitro: Nitro) -> None:
    nitro("db init", ["db", "migrate", "first"], "db upgrade")
    rows(project, "INSERT INTO lamp (id, name, colour) VALUES ('1', 'Sun', 'blue')")
    (project / "shop.py").write_text(APP.replace("colour", "color"))
    wrong, written, ran = nitro(
        ["db", "migrate", "American", "--rename", "colour"],
        ["db", "migrate", "American", "--rename", "lamp.colour=color"],
        "db upgrade",
    )

    assert "--rename takes TABLE.OLD=NEW" in wrong.err
    assert (written.code, ran.code) == (0, 0)
    assert rows(project, "SELECT color FROM lamp") == [("blue",)]


def test_without_classes_it_says_how_to_name_them(tmp_path: Path, nitro: Nitro) -> None:
    _, check, stamp = nitro("db init", "db check", "db stamp")

    assert check.code == 2
    assert "--app shop.main:app" in check.err
    assert "add --yes" in stamp.err.lower()
