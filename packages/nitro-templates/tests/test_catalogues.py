"""Every text of ours has a translation in every language that is shipped."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest

from nitro_templates.i18n.catalogue import OURS, Catalogue
from nitro_templates.i18n.po import Entry, mo_of, read_mo, read_po

PACKAGE = Path(__file__).parents[1]
SOURCES = [PACKAGE / "src", PACKAGE.parent / "nitro-events" / "src"]
SCRIPTS = PACKAGE / "src/nitro_templates/static/js"
ASKED = ("_", "gettext", "later", "ngettext", "Text")
LANGUAGES = ("ar", "de", "fr")
FILES = [f"{language}{kind}" for language in LANGUAGES for kind in ("", ".browser")]
IN_SCRIPTS = re.compile(r'(?<![\w.$])t\(\s*"((?:[^"\\]|\\.)*)"')
# a tree without sources, such as an installed wheel, has nothing to compare with
pytestmark = pytest.mark.skipif(not SCRIPTS.is_dir(), reason="needs the sources")


def entries(name: str) -> list[Entry]:
    return [e for e in read_po((OURS / f"{name}.po").read_text("utf-8")) if e[0]]


def calls(path: Path) -> list[ast.Call]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [
        node
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKED
    ]


def texts_of_python() -> set[str]:
    found: set[str] = set()
    for source in SOURCES:
        for path in source.rglob("*.py"):
            for call in calls(path):
                first = call.args[0] if call.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found - {""}


def texts_of_scripts() -> set[str]:
    text = "\n".join(path.read_text("utf-8") for path in SCRIPTS.glob("*.js"))
    return {ast.literal_eval(f'"{said}"') for said in IN_SCRIPTS.findall(text)}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_a_translation(language: str) -> None:
    known = {one for one, _, _ in entries(language)}
    in_scripts = {one for one, _, _ in entries(f"{language}.browser")}

    how = "run packages/nitro-templates/catalogues.py, and translate what is empty"
    assert texts_of_python() - known == set(), how
    assert texts_of_scripts() - in_scripts == set(), how


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_of_a_text_that_is_gone(language: str) -> None:
    assert {one for one, _, _ in entries(language)} - texts_of_python() == set()
    assert {one for one, _, _ in entries(f"{language}.browser")} - texts_of_scripts() == set()


@pytest.mark.parametrize("name", FILES)
def test_a_translation_has_the_places_of_its_text(name: str) -> None:
    for one, many, forms in entries(name):
        for form in forms:
            left_out = {"count"} if many else {"expected_plural"}
            assert places(form) <= places(many or one), one
            assert places(one) - places(form) <= left_out, one


@pytest.mark.parametrize("name", FILES)
def test_a_translation_has_a_form_for_each_number(name: str) -> None:
    catalogue = Catalogue(read_po((OURS / f"{name}.po").read_text("utf-8")))
    wanted = 6 if name.startswith("ar") else 2

    for one, many, forms in entries(name):
        assert len(forms) == (wanted if many else 1), one
        assert all(forms), one
    assert max(map(catalogue.plural, range(200))) == wanted - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_server_and_the_scripts_say_the_same(language: str) -> None:
    said = {one: forms for one, _, forms in entries(language)}
    both = [(one, forms) for one, _, forms in entries(f"{language}.browser") if one in said]

    assert all(said[one][: len(forms)] == forms for one, forms in both)


def test_texts_are_where_those_who_collect_them_look() -> None:
    # inside of an f-string pybabel does not see them before Python 3.12
    for source in SOURCES:
        for path in source.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.JoinedStr):
                    continue
                for call in ast.walk(node):
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                        hidden = call.func.id in ASKED and isinstance(call.args[0], ast.Constant)
                        assert not hidden, f"{path.name}:{call.lineno}"


def test_what_is_compiled_is_read_as_what_it_was_made_of() -> None:
    for path in OURS.glob("*.po"):
        read = read_po(path.read_text("utf-8"))
        assert sorted(read_mo(mo_of(read))) == sorted(read)


def test_the_catalogues_are_as_the_tool_writes_them() -> None:
    pytest.importorskip("babel")
    tool = PACKAGE / "catalogues.py"

    done = subprocess.run(
        [sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr or "run packages/nitro-templates/catalogues.py"
