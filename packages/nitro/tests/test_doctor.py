"""``nitro doctor``: what it finds, and what it says to type."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from nitro import doctor
from nitro.doctor import examining
from nitro.doctor.finding import Finding, Patient

Nitro = Callable[..., list[Any]]

APP = """
from nitro import Entity, SQLModelBackend

class Basket(Entity):
    name: str = ""

class Order(Entity):
    _persistence_backend_class = SQLModelBackend
    name: str = ""
"""
SECRET = "k" * 20 + "abcdefgh" * 3


@pytest.fixture
def look(tmp_path: Path, nitro: Nitro) -> Callable[..., dict[str, list[dict[str, str]]]]:
    """``look("doctor shop", NITRO_ENV="…")``: the findings by the name of their check."""
    (tmp_path / "shop.py").write_text(APP)

    def call(command: str = "doctor shop", **env: str) -> dict[str, list[dict[str, str]]]:
        (said,) = nitro(f"{command} --json", **env)
        told = json.loads(said.out)
        found: dict[str, list[dict[str, str]]] = {}
        for one in told["findings"]:
            found.setdefault(one["check"], []).append(one)
        assert told["ok"] == (said.code == 0)
        return found

    return call


Look = Callable[..., dict[str, list[dict[str, str]]]]


def test_a_folder_to_develop_in_is_well(look: Look, tmp_path: Path) -> None:
    found = look()

    assert {one["level"] for some in found.values() for one in some} <= {"ok", "note", "warning"}
    assert list(found) == list(doctor.CHECKS)
    assert found["memory"][0]["level"] == "note"
    assert "Basket" in found["memory"][0]["text"]
    assert not (tmp_path / ".nitro" / "data.db").exists()


def test_production_without_a_word_is_told_what_to_say(look: Look) -> None:
    found = look(NITRO_ENV="production")

    levels = {name: found[name][0]["level"] for name in ("secret", "policy", "memory", "database")}
    assert levels == {
        "secret": "error", "policy": "error", "memory": "warning", "database": "warning",
    }  # fmt: skip
    assert "NITRO_SECRET" in found["secret"][0]["remedy"]
    assert "policy=" in found["policy"][0]["remedy"]


def test_what_files_and_languages_need_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from nitro.doctor import packages
    from nitro_templates.state import state

    optional = {"puremagic", "python_multipart", "babel"}
    monkeypatch.setattr(
        packages, "find_spec", lambda name: None if name in optional else find_spec(name)
    )
    monkeypatch.setattr(Patient, "has_files", True)
    monkeypatch.setattr(state, "languages", ("en", "de", "ar"))

    found = list(packages.check_extras(Patient()))

    assert [(one.level, one.remedy) for one in found] == [
        ("error", "pip install 'nitro[files,uploads]'"),
        ("error", "pip install 'nitro[files,uploads]'"),
        ("warning", "pip install 'nitro[i18n]'"),
    ]
    assert "de, ar" in found[-1].text


def test_memory_in_several_processes_is_an_error(look: Look) -> None:
    found = look(WEB_CONCURRENCY="4")

    assert found["memory"][0]["level"] == "error"
    assert "SQLModelBackend" in found["memory"][0]["remedy"]


def test_what_is_not_read_or_misspelt_is_found(look: Look, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\nNITRO_SECRET=abc\nexport NITRO_PREFIX=/x\nOTHER=1\n")

    found = look(NITRO_PREFIX="/x", NITRO_DATABSE_URL="sqlite:///x.db")["environment"]

    assert "NITRO_SECRET" in found[0]["text"]
    assert "NITRO_PREFIX" not in found[0]["text"]
    assert "set -a" in found[0]["remedy"]
    assert found[1]["remedy"] == "Did you mean NITRO_DATABASE_URL?"


def test_origins_are_looked_at(look: Look) -> None:
    said = "https://shop.example,http://shop.example,shop.example,http://localhost:8000"

    found = look(NITRO_ENV="production", NITRO_SECRET=SECRET, NITRO_PUBLIC_ORIGIN=said)

    assert [(one["level"], one["text"]) for one in found["origin"]] == [
        (
            "warning",
            "http://shop.example is not encrypted: whoever listens can take logins",
        ),
        ("error", "'shop.example' is no origin"),
    ]
    assert found["secret"][0]["level"] == "ok"


def test_servers_that_do_not_answer_are_found_without_their_passwords(look: Look) -> None:
    pytest.importorskip("psycopg")
    pytest.importorskip("redis")

    found = look(
        NITRO_DATABASE_URL="postgresql://me:hunter2@127.0.0.1:1/db",
        NITRO_REDIS_URL="redis://:hunter2@127.0.0.1:1/0",
    )

    assert "PostgreSQL does not answer at 127.0.0.1:1/db" in found["database"][0]["text"]
    assert "Redis does not answer at 127.0.0.1:1/0" in found["Redis"][0]["text"]
    assert "hunter2" not in str(found)


def test_a_database_that_is_none_is_found(look: Look, tmp_path: Path) -> None:
    (tmp_path / "data.db").write_text("this is a text, and longer than the header of SQLite")

    broken = look(NITRO_DATABASE_URL="sqlite:///data.db")
    unknown = look(NITRO_DATABASE_URL="mysql://me:hunter2@host/db")

    assert "file is not a database" in broken["database"][0]["text"]
    assert "'mysql://me:•••@host/db' is no database" in unknown["database"][0]["text"]


def test_migrations_that_have_not_run_are_found(look: Look, nitro: Nitro, tmp_path: Path) -> None:
    pytest.importorskip("alembic")
    nitro("db init", ["db", "migrate", "first", "--app", "shop"], "db upgrade --app shop")
    done = look()
    changed = APP.replace('name: str = ""', 'name: str = ""\n    size: int = 0')
    (tmp_path / "shop.py").write_text(changed)
    differs = look()
    nitro(["db", "migrate", "size", "--app", "shop"])
    waits = look()

    assert done["migrations"][0]["level"] == "ok"
    assert "column order.size is missing" in differs["migrations"][0]["text"]
    assert "nitro db migrate" in differs["migrations"][0]["remedy"]
    assert waits["migrations"][0]["remedy"] == "nitro db upgrade"


def test_a_check_that_fails_is_a_finding_and_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(patient: Patient) -> Any:
        raise RuntimeError("at postgresql://me:hunter2@host/db")

    def works(patient: Patient) -> Any:
        yield Finding("ok", "fine")

    monkeypatch.setattr(examining, "CHECKS", {"one": fails, "two": works})

    found = list(doctor.examine(Patient()))

    assert [(name, one.level) for name, one in found] == [("one", "error"), ("two", "ok")]
    assert "hunter2" not in found[0][1].text


def test_packages_out_of_range_are_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nitro.doctor import packages

    versions = {"typer": "0.1", "pydantic": "2.14.0"}
    monkeypatch.setattr(packages, "version", lambda name: versions.get(name, "9999"))

    found = list(packages.check_versions(Patient()))

    typer = next(one for one in found if one.text.startswith("typer "))
    assert typer.level == "error"
    assert typer.text.startswith("typer 0.1 is not what nitro was tested with (")
    assert typer.remedy.startswith("pip install 'typer")
    assert not any(one.text.startswith("pydantic ") for one in found)


def test_people_read_a_line_for_each_and_a_sum(nitro: Nitro, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    well, ill, strict = nitro(
        "doctor", "doctor shop", "doctor shop --strict", NITRO_ENV="production"
    )

    assert ill.code == strict.code == 1
    assert "export NITRO_SECRET" in ill.out
    assert "2 errors and 2 warnings." in ill.out
    assert "Name your application" in well.out
