"""What people do in the atlas together, in Chromium, with each framework behind it.

The stories are those of ``tests/browser/test_atlas_together.py``, word for word: here they are
told of the atlas in every framework and under every server. One of them in the quick tier, all
of them with NITRO_PROOF=1.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from behaviour.hosts import Host, Hosted
from browser.test_atlas_together import test_a_change_of_one_is_seen_by_the_other  # noqa: F401
from support.atlas import fill
from support.proof import PROOF

if TYPE_CHECKING:
    from playwright.sync_api import Browser

if PROOF:
    from browser.test_atlas_together import (  # noqa: F401
        test_a_change_by_another_process_through_nitro_is_seen,
        test_a_change_by_raw_sqlite_is_seen_and_survives_an_open_form,
        test_a_city_deleted_under_an_open_form_is_told,
        test_a_restart_keeps_what_is_typed_and_the_page_comes_back_to_life,
        test_a_search_of_one_is_not_seen_by_the_other,
        test_changes_of_different_fields_are_merged,
        test_many_changes_leave_the_other_equal_to_a_fresh_load,
        test_new_moved_and_deleted_rows_are_seen_by_the_other,
        test_the_same_field_is_never_overwritten_in_silence,
    )


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of a first start: 34,000 cities."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder)
    return folder


@pytest.fixture
def atlas(chromium: Browser, host: Host, filled: Path, tmp_path: Path) -> Iterator[Hosted]:
    """The atlas in this framework, with a database of its own."""
    if not host.atlas.exists():
        pytest.skip(f"missing: examples/atlas/{host.atlas.name}, see test_hosts.py")
    shutil.copytree(filled, tmp_path / "atlas")
    server = Hosted(host, tmp_path / "atlas", script=host.atlas)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database(atlas: Hosted) -> Path:
    """The file in which the served atlas keeps its cities."""
    return atlas.folder / ".nitro" / "data.db"
