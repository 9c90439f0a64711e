"""How ``nitro db`` calls the functions of nitro_entities, and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nitro.cli.application import load, named
from nitro.cli.mistakes import USAGE, Mistake
from nitro.cli.printing import asked, marked, say, working

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["migrations_of", "must_know_classes", "near", "print_sql", "renamed", "run", "tell"]


def migrations_of(application: str | None = None) -> ModuleType:
    """Import the application, if one is known, and what does the work. Raises Mistake."""
    meant = named(application)
    if meant is not None:
        load(meant)
    try:
        from nitro_entities import migrations
    except ImportError as exc:
        raise Mistake(str(exc).replace("nitro-entities[", "nitro[")) from None
    return migrations


def must_know_classes() -> None:
    """Raise Mistake where the comparison would find that nothing is wanted."""
    from nitro_entities.migrations.tables import kept_classes

    if not kept_classes():
        msg = (
            "no entity class is kept in SQL, as far as is known. Name the application that has "
            "them: --app shop.main:app, or app = … below [tool.nitro] in pyproject.toml"
        )
        raise Mistake(msg, USAGE)


def renamed(said: str) -> tuple[str, str]:
    """Return the old and the new name of ``--rename``. Raises Mistake."""
    old, found, new = said.partition("=")
    if not found or "." not in old or not new:
        msg = f"--rename takes TABLE.OLD=NEW, such as product.colour=color, got {said!r}"
        raise Mistake(msg, USAGE)
    return old, new


def near(path: Path) -> Path:
    """Return *path* as it is called from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def print_sql(function: Callable[..., Any], revision: str, folder: str) -> None:
    """Print what *function* would write."""
    statements: list[str] = []
    function(revision, folder=folder, allow_data_loss=True, dry=statements)
    for one in statements or ["-- nothing to do"]:
        say(one)


def run(function: Callable[..., Any], revision: str, folder: str, yes: bool) -> Any:
    """Run *function*; where values would be lost, only if somebody says that this is meant."""
    from nitro_entities.migrations import DataLoss

    def go(*, loses: bool) -> Any:
        with working("looking at the database") as now:
            return function(
                revision,
                folder=folder,
                allow_data_loss=loses,
                begun=lambda one: now(str(one)),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
            )

    try:
        return go(loses=yes)
    except DataLoss as exc:
        say("Stored values would be lost:")
        for loss in exc.losses:
            marked("warning", loss)
        if not asked("Go on, and lose them?"):
            msg = "nothing was changed. Make a backup and add --yes, or edit the migration"
            raise Mistake(msg) from None
    return go(loses=True)


def tell(done: Any, word: str, nothing: str) -> None:
    """Say what was *done*, or that it was *nothing*."""
    for one in done:
        marked("ok", f"{one.id} {one.message}: {word}")
    if not done:
        say(nothing)
