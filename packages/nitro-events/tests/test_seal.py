"""Seals: nobody changes them, keys rotate, secrets are kept where they should be."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nitro_events.seal import BadSeal, Sealer, development_secret, secret_keys
from nitro_events.settings import SettingsError, configure
from nitro_events.state import state

PAYLOAD: dict[str, object] = {"c": "cities", "f": ["name"], "é": "ß"}


def test_what_was_sealed_can_be_opened_for_the_same_purpose_only() -> None:
    sealer = Sealer("k" * 32)
    text = sealer.sign("form", PAYLOAD)

    assert sealer.open("form", text) == PAYLOAD
    with pytest.raises(BadSeal):
        sealer.open("cursor", text)


@given(st.text(max_size=200))
def test_any_other_text_is_a_bad_seal(text: str) -> None:
    with pytest.raises(BadSeal):
        Sealer("k" * 32).open("form", text)


def test_one_changed_character_spoils_it() -> None:
    sealer = Sealer("k" * 32)
    text = sealer.sign("form", PAYLOAD)

    for place in range(0, len(text), 7):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(BadSeal):
            sealer.open("form", changed)


def test_an_older_secret_still_opens_and_the_newest_signs() -> None:
    old, new, both = Sealer("old" * 10), Sealer("new" * 10), Sealer("new" * 10, "old" * 10)

    assert both.open("form", old.sign("form", PAYLOAD)) == PAYLOAD
    assert new.open("form", both.sign("form", PAYLOAD)) == PAYLOAD


def test_the_environment_lists_secrets_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_SECRET", "newest, older,")

    assert secret_keys() == ("newest", "older")


def test_production_needs_a_secret_and_says_how_to_make_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NITRO_SECRET", raising=False)
    configure(env="production")

    with pytest.raises(SettingsError, match="NITRO_SECRET"):
        state.sealer.sign("form", {})
    configure(secret="short")
    with pytest.raises(SettingsError, match="16 characters"):
        state.sealer.sign("form", {})


def test_development_keeps_one_secret_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / ".nitro" / "secret"

    first, second = development_secret(file), development_secret(file)

    assert first == second
    assert len(first) > 30
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == [".gitignore", "secret"]


def test_an_empty_secret_file_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch()

    assert development_secret(file)
    assert development_secret(file) == file.read_text()
