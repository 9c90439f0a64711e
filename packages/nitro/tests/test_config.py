"""``nitro config``: each setting, its value, and who said so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nitro.settings import KNOWN
from nitro.sources import VARIABLES, without_password

Nitro = Callable[..., list[Any]]

APP = """
import nitro
from nitro import Entity, SQLModelBackend

class Ware(Entity):
    name: str = ""

class Kept(Ware):
    _persistence_backend_class = SQLModelBackend

def may(caller, operation, target):
    return True

nitro.configure(
    prefix="/shop", policy=may, limits={"body": 5}, busy_timeout=3.0, theme="dark",
    secret=["the newest secret of all", "an older one"], redis_url="redis://:hunter2@cache/1",
    protect_all=True,
)
"""


@pytest.fixture
def told(tmp_path: Path, nitro: Nitro) -> dict[str, Any]:
    (tmp_path / "shop.py").write_text(APP)
    (said,) = nitro(
        "config shop --json",
        NITRO_PREFIX="/from-the-environment",
        NITRO_DATABASE_URL="postgresql://me:hunter2@host/db?password=hunter2",
        NITRO_STRICT_LOOP="1",
    )
    assert said.code == 0, said.err
    assert "hunter2" not in said.out
    assert "secret of all" not in said.out
    found: dict[str, Any] = json.loads(said.out)
    return found


def test_every_setting_has_a_value_and_a_source(told: dict[str, Any]) -> None:
    found = {one["name"]: (one["value"], one["source"]) for one in told["settings"]}

    assert list(found) == list(KNOWN)
    expected = {
        "prefix": ("/shop", "configure"),
        "policy": ("shop.may", "configure"),
        "limits": ("body=5", "configure"),
        "busy_timeout": ("3.0", "configure"),
        "theme": ("dark", "configure"),
        "protect_all": ("on", "configure"),
        "secret": ("••• (24 characters, 12 characters)", "configure"),
        "redis_url": ("redis://:•••@cache/1", "configure"),
        "database_url": ("postgresql://me:•••@host/db?password=•••", "environment"),
        "strict_loop": ("1", "environment"),
        "env": ("development", "default"),
        "pool_size": ("20", "default"),
        "icon": ("ours", "default"),
    }
    assert {name: found[name] for name in expected} == expected


def test_each_class_has_a_store_and_who_named_it(told: dict[str, Any]) -> None:
    assert told["stores"] == [
        {"entity": "shop.Kept", "store": "SQLModelBackend", "source": "class"},
        {"entity": "shop.Ware", "store": "MemoryRepo", "source": "default"},
    ]


def test_without_an_application_it_says_what_it_cannot_know(nitro: Nitro) -> None:
    plain, changed = nitro("config", "config --changed", NITRO_ENV="production")

    assert "nitro config main:app" in plain.out
    assert "pool_size" in plain.out
    assert [line.split()[:3] for line in changed.out.splitlines()[1:2]] == [
        ["env", "production", "environment"]
    ]


def test_every_variable_belongs_to_a_setting() -> None:
    assert set(VARIABLES) <= set(KNOWN)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host/0", "redis://host/0"),
        ("redis://:pa:ss@host/0", "redis://:•••@host/0"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        (
            "failed at postgresql://me:x@host/db twice",
            "failed at postgresql://me:•••@host/db twice",
        ),
    ],
)
def test_passwords_in_urls_are_hidden(url: str, shown: str) -> None:
    assert without_password(url) == shown
