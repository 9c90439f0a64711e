"""The atlas, filled once and served, and what people do in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.atlas import ATLAS, fill
from support.put_back import put_back
from support.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of a first start: 34,000 cities."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder)
    return folder


@pytest.fixture(scope="session")
def served_atlas(
    chromium: Browser, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served") / "atlas"
    shutil.copytree(filled, folder)
    server = Server(ATLAS / "app.py", {}, folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def atlas(served_atlas: Server, filled: Path) -> Server:
    """The example, served; every test starts from the same cities."""
    if not served_atlas.runs:
        served_atlas.start()
    data = Path(".nitro", "data.db")
    put_back(served_atlas.folder / data, filled / data, "city")
    return served_atlas


@pytest.fixture
def database(atlas: Server) -> Path:
    """The file in which the served atlas keeps its cities."""
    return atlas.folder / ".nitro" / "data.db"


PAGES = Path(__file__).with_name("pages_app.py")


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application with every kind of page, for tests that change nothing in it."""
    server = Server(PAGES, {}, tmp_path_factory.mktemp("places"))
    server.start()
    yield server
    server.stop()


GALLERY = Path(__file__).with_name("gallery_app.py")


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application with a page for every state of tables, forms and fields."""
    server = Server(GALLERY, {}, tmp_path_factory.mktemp("gallery"))
    server.start()
    yield server
    server.stop()
