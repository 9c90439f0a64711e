"""The unit of a request, with and without anybody who keeps data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from nitro_events import joints
from nitro_events.policy import Caller
from nitro_events.state import state
from nitro_events.units import OneUnit, acting, current_unit, discarding, open_unit


def test_without_anybody_who_keeps_data_a_unit_does_nothing() -> None:
    unit = state.open_unit()

    assert current_unit() is unit
    assert not unit.dirty
    unit.commit()
    unit.commit()
    unit.close()
    assert current_unit() is None
    with acting(Caller()):
        pass


def test_a_unit_ends_once(shelf: Any) -> None:
    unit = open_unit()
    unit.commit()
    unit.commit()
    unit.rollback()

    assert shelf.commits == 1


def test_a_commit_that_fails_ends_it_too(shelf: Any) -> None:
    shelf.fail_commit = ValueError("no")
    unit = open_unit()

    with pytest.raises(ValueError, match="no"):
        unit.commit()

    assert unit.closed
    assert not unit.dirty


def test_a_unit_inside_another_gives_way_to_it_again(shelf: Any) -> None:
    outer = open_unit()
    with OneUnit() as inner:
        assert current_unit() is inner
        inner.commit()

    assert current_unit() is outer
    outer.close()


def test_what_is_discarded_is_not_stored(shelf: Any) -> None:
    outer = open_unit()
    with discarding():
        shelf.load("b1").title = "changed"

    assert shelf.stored["b1"].title == "Emma"
    assert current_unit() is outer
    outer.close()


def test_a_joint_whose_package_is_absent_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "joint_of_absent.py").write_text("import nobody_has_this\n")
    (tmp_path / "joint_of_ours.py").write_text("calls = []\ndef connect(): calls.append(1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(joints, "OWN", {})
    monkeypatch.setattr(
        joints, "announced", lambda: iter(["joint_of_absent", "joint_of_ours", "joint_of_nobody"])
    )

    joints.connect()
    joints.connect()

    assert sys.modules["joint_of_ours"].calls == [1]
