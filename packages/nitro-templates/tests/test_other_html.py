"""Our elements inside what others make of HTML, and theirs inside ours."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from nitro_templates.escape import Safe
from nitro_templates.tags import B, Div, P

INNER = P("1 < 2")
WRITTEN = "<p>1 &lt; 2</p>"


def test_markup_of_markupsafe_and_ours_stand_in_each_other() -> None:
    markupsafe = pytest.importorskip("markupsafe")

    assert str(Div(markupsafe.Markup("<i>&amp;</i>"))) == "<div><i>&amp;</i></div>"
    assert markupsafe.escape(INNER) == WRITTEN
    assert markupsafe.Markup("<div>{}</div>").format(INNER) == f"<div>{WRITTEN}</div>"
    assert markupsafe.Markup("<div>%s</div>") % Safe("<b>") == "<div><b></div>"
    assert str(Div(title=markupsafe.Markup('<i>"'))) == '<div title="&lt;i&gt;&#34;"></div>'


def test_a_jinja_template_writes_our_elements_unescaped() -> None:
    jinja2 = pytest.importorskip("jinja2")
    environment = jinja2.Environment(autoescape=True)
    template = environment.from_string("<div>{{ ours }}{{ text }}</div>")

    assert template.render(ours=INNER, text="<") == f"<div>{WRITTEN}&lt;</div>"


def test_what_a_jinja_macro_answers_stands_in_ours() -> None:
    jinja2 = pytest.importorskip("jinja2")
    environment = jinja2.Environment(autoescape=True)
    template = environment.from_string("{% macro b(x) %}<b>{{ x }}</b>{% endmacro %}")

    assert str(Div(template.module.b("<"))) == "<div><b>&lt;</b></div>"


def run(code: str) -> None:
    """Run *code* in a process of its own: these packages change what others import."""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_elements_of_fasthtml_and_ours_stand_in_each_other() -> None:
    pytest.importorskip("fasthtml")
    run(
        "from fasthtml import ft\n"
        "from fastcore.xml import to_xml\n"
        "from nitro_templates.tags import Div, P\n"
        "assert str(Div(ft.B('1 < 2'))).replace('\\n', '') == '<div><b>1 &lt; 2</b></div>'\n"
        "shown = to_xml(ft.Div(P('1 < 2', cls='x'))).replace('\\n', '')\n"
        "assert shown == '<div><p class=\"x\">1 &lt; 2</p></div>', shown\n"
    )


def test_elements_of_htpy_and_ours_stand_in_each_other() -> None:
    htpy: Any = pytest.importorskip("htpy")

    assert str(Div(htpy.b["1 < 2"])) == "<div><b>1 &lt; 2</b></div>"
    # htpy calls what can be called, again and again; ours can, and answer elements
    assert str(htpy.div[Safe(INNER)]) == f"<div>{WRITTEN}</div>"


def test_elements_of_rusty_tags_and_ours_stand_in_each_other() -> None:
    rusty: Any = pytest.importorskip("rusty_tags")

    assert str(Div(rusty.B("bold", cls="x"))) == '<div><b class="x">bold</b></div>'
    assert str(rusty.Div(INNER)) == f"<div>{WRITTEN}</div>"
    assert str(rusty.Div(B("<"), INNER)) == f"<div><b>&lt;</b>{WRITTEN}</div>"


def test_rusty_tags_escapes_nothing_so_text_has_to_be_escaped_before() -> None:
    """The trap that the documentation names; if this fails, it is time to say something else."""
    rusty: Any = pytest.importorskip("rusty_tags")
    from nitro_templates.escape import escape

    assert str(Div(rusty.P("<script>"))) == "<div><p><script></p></div>"
    assert str(Div(rusty.P(escape("<script>")))) == "<div><p>&lt;script&gt;</p></div>"
    assert str(rusty.P(P("<script>"))) == "<p><p>&lt;script&gt;</p></p>"
