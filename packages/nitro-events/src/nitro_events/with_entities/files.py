"""The files that entities are kept in, for who else may write to them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nitro_entities.config import DEFAULT_FOLDER, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["database_files"]


def database_files() -> Iterator[str]:
    """Yield the file of the configured database, if it is one of SQLite and used at all."""
    if "nitro_entities.stores.sql" not in sys.modules:
        return
    url = settings().database_url or os.environ.get("NITRO_DATABASE_URL")
    if not url:
        yield str(Path(DEFAULT_FOLDER) / "data.db")
    elif url.startswith("sqlite") and ":///" in url:
        path = url.partition(":///")[2].partition("?")[0]
        if path not in ("", ":memory:"):
            yield path
