"""Keeps tests out of the database of development: pytest loads this where we are installed.

Without a NITRO_DATABASE_URL of its own, a test run gets a database in a temporary folder, gone at
its end. What the application says with ``configure(database_url=…)`` still counts; ``-p no:nitro``
turns this off.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Protocol

__all__ = ["pytest_configure"]

VARIABLE = "NITRO_DATABASE_URL"


class Config(Protocol):
    """What we need of pytest's own, which is no dependency of ours."""

    def add_cleanup(self, func: Callable[[], None]) -> None:
        """Call *func* at the end of the run."""


def pytest_configure(config: Config) -> None:
    """Name the temporary database, before any test module is imported."""
    if os.environ.get(VARIABLE):
        return
    folder = tempfile.mkdtemp(prefix="nitro-tests-")
    os.environ[VARIABLE] = f"sqlite:///{folder}/data.db"

    def forget() -> None:
        os.environ.pop(VARIABLE, None)
        shutil.rmtree(folder, ignore_errors=True)

    config.add_cleanup(forget)
