"""What can be reached is listed, and a change of it is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nitro_events.actions import action
from nitro_events.events import event
from nitro_events.http.commands import expose
from nitro_events.policy import Caller
from nitro_events.settings import configure
from nitro_events.state import state
from nitro_events.surface import SurfaceChanged, assert_surface, surface


def only_ann_lends(caller: Caller, operation: str, target: object) -> bool:
    """Let Ann lend, and everybody create."""
    return operation == "create" or (operation == "action:lend" and caller.id == "ann")


def test_everything_that_answers_is_listed(shelf: Any) -> None:
    expose("ping")
    event("internal")
    found = {(way.verb, way.path) for way in surface().ways}

    assert ("POST", "/books") in found
    assert ("DELETE", "/books/{id}") in found
    assert ("GET", "/books/{id}/size") in found
    assert ("POST", "/cmds/books.lend/{sender}") in found
    assert ("POST", "/cmds/ping/{sender}") in found
    assert not any("internal" in path or "hidden" in path for _, path in found)
    for verb, path in found:
        if path.startswith("/"):
            concrete = path.replace("{id}", "b1").replace("{sender}", "b1")
            assert verb in state.routes.allowed(concrete), path


def test_what_nitro_answers_besides_is_listed_by_the_name_of_its_route(shelf: Any) -> None:
    configure(prefix="/app")
    state.routes.add("POST", "/_nitro/undo", lambda request: None, "nitro.undo")
    lines = str(surface()).splitlines()

    assert "POST /app/_nitro/undo  nitro.undo  ()" in lines
    assert not any("/cmds/{command}" in line for line in lines)


def test_fields_and_who_may_are_listed(shelf: Any) -> None:
    configure(policy=only_ann_lends)
    callers = {"anybody": Caller(), "ann": Caller("ann")}
    ways = {(way.verb, way.path): way for way in surface(callers).ways}

    assert ways["POST", "/books"].fields == ("title", "pages", "note", "lent", "price")
    assert ways["POST", "/books"].may == ("anybody", "ann")
    lend = ways["POST", "/books/{id}/lend"]
    assert (lend.fields, lend.operation, lend.may) == (("days",), "action:lend", ("ann",))
    assert ways["DELETE", "/books/{id}"].may == ()
    assert surface().policy.endswith("only_ann_lends")


def test_a_snapshot_is_written_the_first_time_and_compared_after(
    shelf: Any, tmp_path: Path
) -> None:
    file = tmp_path / "kept" / "surface.txt"
    assert_surface(file)
    assert "POST /books/{id}/lend  action:lend Book  (days)" in file.read_text().splitlines()
    assert_surface(file)

    namespace: dict[str, Any] = {"action": action}
    exec("@action\ndef wipe(really: bool): pass\n", namespace)

    with pytest.raises(SurfaceChanged) as changed:
        assert_surface(file)
    assert "+POST /wipe  action:wipe  (really)" in str(changed.value)
    assert "NITRO_UPDATE_SURFACE=1" in str(changed.value)
    assert_surface(file, update=True)
    assert_surface(file)


def test_a_change_is_accepted_by_the_environment(
    shelf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "surface.txt"
    file.write_text("old\n")
    with pytest.raises(SurfaceChanged, match="-old"):
        assert_surface(file)

    monkeypatch.setenv("NITRO_UPDATE_SURFACE", "1")
    assert_surface(file)
    assert "policy: " in file.read_text()


def test_topics_are_listed_with_who_may_listen(shelf: Any) -> None:
    configure(policy=lambda caller, operation, target: (operation, target) == ("listen", "prices"))
    ways = {way.path: way for way in surface({"anybody": Caller()}, topics=["prices"]).ways}

    assert ways["(topic prices)"].may == ("anybody",)
    assert ways["(topic Book)"].may == ()
