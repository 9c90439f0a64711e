"""Icons: the set that comes with the package, and what happens without it."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import logging
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from nitro_templates import icon_set
from nitro_templates.components import Button, Icon, icon_names, register_icon
from nitro_templates.table.buttons import icon
from nitro_templates.tags import Circle
from nitro_templates.tags import Path as Drawn

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def icons() -> None:
    if not (files("nitro_templates") / "static" / icon_set.FILE).is_file():
        pytest.skip("the build hook has not run")


@pytest.fixture
def no_icons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icon_set, "FILE", "nowhere.json")


@pytest.mark.usefixtures("icons")
def test_the_packaged_set_is_the_pinned_one() -> None:
    body = (files("nitro_templates") / "static" / icon_set.FILE).read_bytes()

    assert hashlib.sha256(body).hexdigest() == icon_set.SHA256
    assert len(icon_names()) > 1500


@pytest.mark.usefixtures("icons")
def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in str(Icon("check"))
    assert 'role="img" aria-label="Paid"' in str(Icon("check", label="Paid"))
    assert "aria-hidden" not in str(Icon("check", label="Paid"))


@pytest.mark.usefixtures("icons")
def test_an_icon_is_as_large_as_the_text_or_as_said() -> None:
    assert 'width="1em" height="1em"' in str(Icon("check"))
    assert 'width="28" height="28"' in str(Icon("check", size=28))
    assert 'class="nitro-icon nitro-flip mine"' in str(Icon("arrow-right", flip=True, cls="mine"))


@pytest.mark.usefixtures("icons")
def test_a_misspelt_icon_names_similar_ones() -> None:
    with pytest.raises(LookupError, match=r"arrow-right"):
        Icon("arow-right")


def test_icons_of_the_application_come_first() -> None:
    register_icon("hut", Drawn(d="M4 12 12 4l8 8"), Circle(r=2))

    assert '<path d="M4 12 12 4l8 8"></path><circle r="2">' in str(Icon("hut"))
    assert "hut" in icon_names()


def test_an_icon_cannot_wait_for_the_request() -> None:
    from nitro_templates.components import Skeleton

    with pytest.raises(TypeError, match="components in it"):
        register_icon("late", Drawn(Skeleton()))


@pytest.mark.usefixtures("no_icons")
def test_without_the_set_pages_still_work(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "nitro_templates"):
        html = str(Button(icon="x", label="Close")) + str(Icon("truck"))

    assert "\u00d7" in html
    assert '<span class="nitro-icon" aria-hidden="true"></span>' in html
    assert len(caplog.records) == 1
    assert "Install nitro-templates again" in caplog.text


@pytest.fixture
def hook() -> Any:
    pytest.importorskip("hatchling")
    source = PROJECT / "hatch_build.py"
    if not source.is_file():
        pytest.skip("not in a source tree")
    spec = importlib.util.spec_from_file_location("nitro_templates_icons_build", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHAPES = b'{"check":"<path d=\\"M1 1\\"/><path d=\\"M2 2\\"/>"}'


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package with a set of one icon pinned."""
    made = tmp_path / "package"
    (made / "static").mkdir(parents=True)
    pinned = (PROJECT / "src/nitro_templates/icon_set.py").read_text()
    wanted = hashlib.sha256(SHAPES).hexdigest()
    (made / "icon_set.py").write_text(pinned.replace(icon_set.SHA256, wanted))
    return made


def test_the_hook_takes_the_shapes_out_of_a_wheel(
    hook: Any, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = '<svg\n  width="24"\n>\n  <path d="M1 1" />\n  <path d="M2 2" />\n</svg>\n'

    def download(requirement: str, folder: str) -> None:
        assert requirement == icon_set.SOURCE
        drawings = io.BytesIO()
        with zipfile.ZipFile(drawings, "w") as inner:
            inner.writestr("check.svg", drawing)
        with zipfile.ZipFile(Path(folder) / "x-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(icon_set.MEMBER, drawings.getvalue())

    monkeypatch.delenv("NITRO_ICONS_JSON", raising=False)
    monkeypatch.setattr(hook, "_download", download)

    assert hook.provide_icons(package).read_bytes() == SHAPES
    assert "ISC License" in (package / "static/lucide.LICENSE.txt").read_text()

    monkeypatch.setattr(hook, "_download", None)  # present now: nothing is fetched
    hook.provide_icons(package)


def test_the_hook_takes_a_named_file_only_with_the_right_hash(
    hook: Any, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "icons.json"
    monkeypatch.setenv("NITRO_ICONS_JSON", str(given))

    given.write_text(json.dumps({"check": "<script/>"}))
    with pytest.raises(RuntimeError, match="Nothing was written"):
        hook.provide_icons(package)
    given.write_bytes(SHAPES)
    assert hook.provide_icons(package).read_bytes() == SHAPES


def test_offline_says_what_to_do(
    hook: Any, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(requirement: str, folder: str) -> None:
        raise RuntimeError("no network")

    monkeypatch.delenv("NITRO_ICONS_JSON", raising=False)
    monkeypatch.setattr(hook, "_download", offline)

    with pytest.raises(RuntimeError, match="NITRO_ICONS_JSON"):
        hook.provide_icons(package)


@pytest.mark.usefixtures("icons")
def test_actions_are_drawn_with_the_set_and_keep_a_class_for_your_own() -> None:
    assert icon("plus").startswith(
        '<span class="nitro-icon nitro-icon-plus" aria-hidden="true"><svg'
    )
    assert (
        icon("my-own") == '<span class="nitro-icon nitro-icon-my-own" aria-hidden="true"></span>'
    )
    assert icon("\u271a") == '<span class="nitro-icon" aria-hidden="true">\u271a</span>'
