"""The imports that a module needs, by the names that are used in it."""

from __future__ import annotations

from collections.abc import Iterable

from .code import WIDTH

__all__ = ["HOMES", "write_imports"]

_TAGS = ("Dd", "Div", "Dl", "Dt", "Input", "Label", "P", "Select", "Span", "Textarea")
HOMES = {
    "Callable": "collections.abc",
    "Self": "typing",
    **dict.fromkeys(("Card", "Column", "Form", "Table", *_TAGS), "nitro_templates"),
    **dict.fromkeys(("money", "shown", "with_unit"), "nitro_templates.fields.written"),
    "Row": "nitro_templates.form.rows",
    **dict.fromkeys(("Child", "Element"), "nitro_templates.html"),
    "gettext": "nitro_templates.i18n",
    "_": "nitro_templates.i18n.labels",
}
"""By name, the module that it is imported from."""


def write_imports(needed: Iterable[str], entity: tuple[str, str, str] | None) -> str:
    """Write imports of those names in *needed* that are ours.

    *entity* is the module, the name and the alias of the class, which type checkers alone need:
    so it may import this module.
    """
    names: dict[str, list[str]] = {}
    for name in needed:
        if name in HOMES:
            names.setdefault(HOMES[name], []).append("own as _" if name == "_" else name)
    if entity is not None:
        names.setdefault("typing", []).append("TYPE_CHECKING")
    theirs = {home: names[home] for home in sorted(names) if not home.startswith("nitro")}
    ours = {home: names[home] for home in sorted(names) if home.startswith("nitro")}
    sections = ["from __future__ import annotations\n"]
    sections += [
        "".join(_line(home, found) for home, found in part.items())
        for part in (theirs, ours)
        if part
    ]
    if entity is not None:
        module, name, alias = entity
        said = name if name == alias else f"{name} as {alias}"
        sections.append(f"if TYPE_CHECKING:\n    from {module} import {said}\n")
    return "\n".join(sections)


def _line(home: str, names: Iterable[str]) -> str:
    # as ruff sorts them: constants, classes, functions
    found = sorted(
        names, key=lambda name: (len(name) < 2 or not name.isupper(), name[:1].islower(), name)
    )
    line = f"from {home} import {', '.join(found)}\n"
    if len(line) <= WIDTH + 1:
        return line
    inside = "".join(f"    {name},\n" for name in found)
    return f"from {home} import (\n{inside})\n"
