"""``nitro eject``: the table, the form and the card of a class as code of one's own."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from nitro.cli.application import load_named, named
from nitro.cli.mistakes import USAGE, Mistake
from nitro.cli.printing import marked, say

__all__ = ["eject"]

_FIRST = "What to import: shop.main:app. Left out if NITRO_APP or pyproject.toml says it."
First = Annotated[str, typer.Argument(metavar="APP", help=_FIRST)]
Second = Annotated[
    str | None, typer.Argument(metavar="CLASS", help="An entity class, or a pydantic model.")
]
Only = Annotated[
    str | None, typer.Option("--only", metavar="PARTS", help="Some of: table,form,card")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="The file, such as cities_views.py.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]


def eject(
    first: First,
    second: Second = None,
    only: Only = None,
    output: Output = None,
    force: Force = False,
) -> None:
    """Write the table, the form and the card of a class as plain code, which is yours then."""
    words = [first] if second is None else [first, second]
    application = named(None if second is None else first)
    load_named(application)
    cls = _found(application or "", words[-1])
    text = _text_of(cls, only, ["nitro", "eject", *words])
    path = output or Path(_file_for(cls))
    _write(path, text, force=force)
    made = re.findall(r"^class (\w+)\((\w+)\):", text, re.M)
    marked("ok", f"{path} written. It is yours from now on; nothing writes it again")
    say("In your pages:")
    for own, ours in made:
        say(f"    {own}.from_entity(...)  # in place of {ours}.from_entity(...)")


def _found(application: str, name: str) -> Any:
    """Answer the class called *name*: an entity, or what the application's module calls so."""
    known = _entities()
    found = [cls for cls in known if name in (cls.__name__, _place_of(cls))]
    if len(found) == 1:
        return found[0]
    if found:
        places = " or ".join(map(_place_of, found))
        msg = f"there are several classes {name!r}. Say which one: {places}"
        raise Mistake(msg, USAGE)
    other = getattr(sys.modules[application.partition(":")[0]], name, None)
    if isinstance(other, type):
        return other
    names = ", ".join(sorted({cls.__name__ for cls in known})) or "none"
    msg = f"there is no entity class {name!r}. Entity classes of the application: {names}"
    raise Mistake(msg, USAGE)


def _entities() -> list[type[Any]]:
    if "nitro_entities" not in sys.modules:  # then the application has none
        return []
    from nitro_entities import classes

    return [*classes.all()]


def _place_of(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _text_of(cls: type[Any], only: str | None, words: list[str]) -> str:
    from nitro_templates.ejecting import PARTS, CannotEject
    from nitro_templates.ejecting import eject as written

    parts = PARTS if only is None else tuple(part.strip() for part in only.split(","))
    chosen = [] if only is None else ["--only", ",".join(parts)]
    try:
        return written(cls, only=parts, command=" ".join([*words, *chosen]))
    except LookupError as exc:
        msg = f"--only {only}: {exc.args[0]}"
        raise Mistake(msg, USAGE) from None
    except (CannotEject, TypeError) as exc:
        raise Mistake(str(exc)) from None


def _file_for(cls: type[Any]) -> str:
    from nitro_templates.sources import source_of

    name = source_of(cls).slug or cls.__name__.lower()
    return f"{name.replace('-', '_')}_views.py"


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        msg = (
            f"{path} is there already, and may hold what somebody has changed. "
            f"Name another file with --output, or write over it with --force"
        )
        raise Mistake(msg) from None
    except OSError as exc:
        msg = f"{path} cannot be written: {exc.strerror}. Name another file with --output"
        raise Mistake(msg) from None
