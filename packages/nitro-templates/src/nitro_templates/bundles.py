"""Which files of ``static/`` are sent as one, and which of those only some pages load.

Each part is one idea. The parts of a bundle are one module or one stylesheet, so they share
their names, and a script also sees the names of ``nitro.js`` and of the scripts it `uses`: what
has to be imported and exported for that is written here, when the parts are joined.

The wheel has the joined files, made smaller by the build hook, and no parts. A source tree has
the parts, which are joined when they are asked for: an editable install is never stale.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["BUNDLES", "Bundle", "needed_for", "read"]


_MARK = re.compile(r"nitro-[\w-]+")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file that is joined from others."""

    name: str
    parts: tuple[str, ...]
    needed_by: tuple[str, ...] = ()
    """Selectors of elements, each ending with a class or an attribute of ours; without any,
    `head` says which pages have it."""
    uses: tuple[str, ...] = ()
    """Other scripts on demand that run before this one, which sees their names."""


BUNDLES = {
    bundle.name: bundle
    for bundle in (
        Bundle(
            "nitro.css",
            (
                "base.css",
                "controls.css",
                "table.css",
                "filters.css",
                "doing.css",
                "saving.css",
                "form.css",
                "fields.css",
                "picker.css",
                "messages.css",
                "modes.css",
                "print.css",
            ),
        ),
        Bundle("charts.css", ("charts.css",), needed_by=(".nitro-chart",)),
        Bundle(
            "nitro.js",
            (
                "base.js",
                "parts.js",
                "stream.js",
                "tabs.js",
                "view.js",
                "filters.js",
                "dialog.js",
                "toasts.js",
                "sending.js",
                "saving.js",
                "patches.js",
                "runs.js",
                "calls.js",
                "kept.js",
                "zone.js",
            ),
        ),
        Bundle(
            "blocks.css",
            ("marks.css", "over.css", "ways.css"),
            needed_by=(
                ".nitro-accordion",
                ".nitro-alert",
                ".nitro-avatar",
                ".nitro-badge",
                ".nitro-crumbs",
                ".nitro-menu-button",
                ".nitro-modal",
                ".nitro-pages",
                ".nitro-progress",
                ".nitro-shell",
                ".nitro-skeleton",
                ".nitro-stat",
                ".nitro-theme",
                ".nitro-tip",
            ),
        ),
        Bundle(
            "blocks.js",
            ("popups.js", "menus.js", "theme.js"),
            needed_by=(
                ".nitro-menu-button",
                ".nitro-modal",
                ".nitro-shell",
                ".nitro-theme",
                ".nitro-tip",
                "[data-nitro-dismiss]",
            ),
        ),
        Bundle("tablist.js", ("tablist.js",), needed_by=(".nitro-tablist",)),
        Bundle(
            "forms.js",
            ("forms.js", "touched.js", "checks.js", "meanwhile.js", "lists.js", "picker.js"),
            needed_by=("form.nitro-form", "[data-nitro-picker]"),
        ),
        Bundle(
            "uploads.js",
            ("uploads.js",),
            needed_by=("[data-nitro-upload]",),
            uses=("forms.js",),
        ),
        Bundle("steps.css", ("steps.css",), needed_by=(".nitro-steps",)),
        Bundle("uploads.css", ("uploads.css",), needed_by=(".nitro-held",)),
        Bundle("saved.css", ("saved.css",), needed_by=("[data-nitro-views]", ".nitro-import")),
        Bundle("saved.js", ("saved.js",), needed_by=("[data-nitro-views]",)),
        Bundle("here.css", ("here.css",), needed_by=(".nitro-here",)),
        Bundle("here.js", ("here.js",), needed_by=("[data-nitro-here]",)),
        Bundle("strict.js", ("strict.js",)),  # where pages have a policy, see head.py
        Bundle("selection.js", ("selection.js",), needed_by=("[data-nitro-bar]",)),
        Bundle("cells.js", ("cells.js",), needed_by=("[data-nitro-cell]",), uses=("forms.js",)),
    )
}
"""Every bundle by name, in the order in which a page has them."""

_MARKS = {
    bundle.name: {_MARK.findall(selector)[-1] for selector in bundle.needed_by}
    for bundle in BUNDLES.values()
}

_DECLARED = re.compile(
    r"^(?:async )?(?:function\*?|class|const|let) ([\w$]+(?:, [\w$]+)*)", re.MULTILINE
)
_WORD = re.compile(r"(?:(?<![\w.$#])|(?<=\.\.\.))[A-Za-z_$][\w$]*")
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


def needed_for(html: str) -> list[str]:
    """Answer the bundles on demand that a page with this *html* needs from the start."""
    needed: set[str] = set()
    words = set(_MARK.findall(html))
    for name, marks in _MARKS.items():
        if not words.isdisjoint(marks):
            needed |= {name, *BUNDLES[name].uses}
    return [name for name in BUNDLES if name in needed]


@cache
def read(name: str) -> str:
    """Answer the bundle *name*: as the wheel has it, or joined from its parts."""
    static = Path(__file__).with_name("static")
    if (static / name).is_file():
        return (static / name).read_text("utf-8")
    return join(name, static)


def join(name: str, static: Path) -> str:
    """Answer the parts of *name* as one file."""
    text = _joined(name, static)
    if name.endswith(".css"):
        return text
    if name == "nitro.js":
        needing = {b.name: ", ".join(b.needed_by) for b in BUNDLES.values() if b.needed_by}
        start = f"const onDemand = {json.dumps(needing)};\n"
    else:
        start = "".join(_import(text, used, static) for used in ("nitro.js", *BUNDLES[name].uses))
    return start + text + _export(text, name, static)


def _import(text: str, used: str, static: Path) -> str:
    names = _shared(text, _joined(used, static))
    if not names:  # who listens first is told first
        return f'import "./{used}";\n'
    return f'import {{ {", ".join(sorted(names))} }} from "./{used}";\n'


def _export(text: str, name: str, static: Path) -> str:
    names = {
        word
        for other in BUNDLES.values()
        if name != other.name and name in ("nitro.js", *other.uses) and other.name.endswith(".js")
        for word in _shared(_joined(other.name, static), text)
    }
    return f"export {{ {', '.join(sorted(names))} }};\n" if names else ""


def _shared(text: str, other: str) -> set[str]:
    """Answer the words of *text* that *other* declares, and not *text* itself."""
    return (set(_WORD.findall(_COMMENT.sub("", text))) & _declared(other)) - _declared(text)


@cache
def _joined(name: str, static: Path) -> str:
    folder = static / name.rpartition(".")[2]
    return "".join(f"{(folder / part).read_text('utf-8')}\n" for part in BUNDLES[name].parts)


@cache
def _declared(text: str) -> frozenset[str]:
    """Answer the names declared at the start of a line."""
    return frozenset(name for names in _DECLARED.findall(text) for name in names.split(", "))
