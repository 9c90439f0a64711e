"""Bring the catalogues up to date with the texts in our sources: run it after changing a text.

    python packages/nitro-templates/catalogues.py           (needs babel)
    python packages/nitro-templates/catalogues.py --check   (tells what would change)

Each language has two files in ``i18n/catalogues``: ``de.po`` with the texts of the server, those
of nitro-events among them, and ``de.browser.po`` with those of our scripts. New texts come without
a translation, texts that are gone go. ``pybabel extract -F texts.cfg`` reads the same sources.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
CATALOGUES = HERE / "src/nitro_templates/i18n/catalogues"
LANGUAGES = ("ar", "de", "fr")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "later": None, "Text": None, "t": None}
PYTHON = ("nitro-templates/src", "nitro-events/src")
SCRIPTS = HERE / "src/nitro_templates/static/js"


def texts(kind: str) -> Iterator[tuple[str | tuple[str, str], list[tuple[str, int]]]]:
    """Yield the texts of the "server" or the "browser", with the places where they are."""
    files = sorted(SCRIPTS.glob("*.js"))
    method = "javascript"
    if kind == "server":
        files = sorted(path for part in PYTHON for path in (HERE.parent / part).rglob("*.py"))
        method = "python"
    for path in files:
        keywords = KEYWORDS if method == "python" else {"t": None}
        for line, message, _comments, _context in extract_from_file(
            method, path, keywords=keywords, options={"encoding": "utf-8"}
        ):
            if message:
                found = tuple(message) if isinstance(message, list | tuple) else message
                yield found, [(path.relative_to(HERE.parent).as_posix(), line)]


def template(kind: str) -> Catalog:
    """Answer all texts of *kind*, without translations."""
    catalog = Catalog(project="Nitro", charset="utf-8")
    for message, places in texts(kind):
        catalog.add(message, locations=places)
    return catalog


def updated(path: Path, language: str, kind: str) -> bytes:
    """Answer the file *path* as it should be."""
    wanted = template(kind)
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    catalog.update(wanted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = f"# The texts of Nitro in {catalog.locale.english_name}."
    for message in catalog:
        message.locations = []  # they change with every line, and say little
        message.flags.discard("python-brace-format")
        message.flags.discard("python-format")
    out = BytesIO()
    write_po(out, catalog, omit_header=False, sort_output=True, width=0)
    lines = out.getvalue().decode("utf-8").split("\n")
    kept = [line for line in lines if not line.startswith(_CHANGING)]
    if language in _PLURALS:  # babel has another order than translators of this language
        rule = f'"Plural-Forms: {_PLURALS[language]}\\n"'
        kept = [rule if line.startswith('"Plural-Forms') else line for line in kept]
    return "\n".join(kept).encode("utf-8")


_CHANGING = (
    '"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator', "# FIRST",
    '"Language-Team', "# Copyright", "# This file is", '"Report-Msgid', '"Project-Id',
)  # fmt: skip

_PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
    "n%100>=11 ? 4 : 5);"
}


def main() -> int:
    """Write what changed; with ``--check`` only tell it."""
    changed = 0
    for language in LANGUAGES:
        for kind, name in (("server", language), ("browser", f"{language}.browser")):
            path = CATALOGUES / f"{name}.po"
            now = updated(path, language, kind)
            if now != path.read_bytes():
                changed += 1
                if "--check" not in sys.argv:
                    path.write_bytes(now)
    return int("--check" in sys.argv and changed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
