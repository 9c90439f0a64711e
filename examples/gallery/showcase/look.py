"""How the pages of the gallery look: the frame, and an example beside its code."""

from pathlib import Path
from urllib.parse import quote

from nitro import Page
from nitro.components import Button, Icon, Sidebar, ThemeSwitch, Tooltip
from nitro_templates import H2, A, Article, Div, Element, Header, P, Span, Strong, Style, js
from nitro_templates.component import Component
from nitro_templates.context import RenderContext, current_context
from nitro_templates.escape import Safe
from nitro_templates.html import Child

from . import SECTIONS
from .coloured import coloured
from .section import Example, Section

STYLE = Safe(Path(__file__).with_name("look.css").read_text("utf-8"))


class Direction(Component):
    """The way to the same page in the other direction."""

    def build(self, context: RenderContext) -> Element:
        """Write a link to it."""
        here = context.path
        rtl = f"{here}/".startswith("/rtl/")
        there = here.removeprefix("/rtl") or "/" if rtl else f"/rtl{here}".rstrip("/")
        label = "Left to right" if rtl else "Right to left"
        icon = "pilcrow-right" if rtl else "pilcrow-left"
        return Button(icon=icon, label=label, title=label, href=there, kind="quiet")


def start() -> Page:
    """Answer the first page, with a card for each section."""
    cards = [
        A(
            Icon(section.icon),
            Strong(section.title),
            Span(section.about),
            href=f"{_prefix()}/{section.slug}",
        )
        for section in SECTIONS
        if section.examples
    ]
    about = (
        "What pages of Nitro are built from. Everything here can be used with the keyboard, reads "
        "well aloud, follows the theme, and keeps what you opened when the server patches it."
    )
    return _page("Gallery", P(about, cls="lead"), Div(cards, cls="sections"))


def page(section: Section) -> Page:
    """Answer the page of *section*."""
    shown = [_figure(example) for example in section.examples]
    return _page(section.title, P(section.about, cls="lead"), shown)


def demo(example: Example) -> Element:
    """Answer what *example* shows; it can be patched as it is."""
    return Div(example.show(), id=f"{example.slug}-{example.name}", cls="demo")


def _figure(example: Example) -> Element:
    title = f"{example.slug}-{example.name}-title"
    tools = Div(
        Tooltip(
            Button(
                icon="refresh-cw",
                label=f"Send {example.title} again",
                kind="quiet",
                size="small",
                on_click=js("@get(el.dataset.url)"),
                data_url=f"/again/{quote(example.slug)}/{quote(example.name)}",
            ),
            "The server patches it, as on a live page: what you opened stays open",
        ),
        Button(
            icon="copy",
            label=f"Copy the code of {example.title}",
            title="Copy",
            kind="quiet",
            size="small",
            on_click=js(
                "navigator.clipboard.writeText(el.closest('article').querySelector('code')."
                "textContent).then(() => nitro.toast('Copied'))"
            ),
        ),
        cls="nitro-scripted",
    )
    return Article(
        Header(
            Div(H2(example.title, id=title), P(example.about) if example.about else None), tools
        ),
        Div(demo(example), coloured(example.code)),
        cls=["example", "wide" if example.wide else None],
        aria_labelledby=title,
    )


def _page(title: str, *content: Child) -> Page:
    prefix = _prefix()
    links = [([Icon("layout-grid"), "All"], prefix or "/")]
    links += [
        ([Icon(section.icon), section.title], f"{prefix}/{section.slug}")
        for section in SECTIONS
        if section.examples
    ]
    frame = Sidebar(
        "Gallery",
        links,
        home=prefix or "/",
        beside=(Direction(), ThemeSwitch()),
        footer="Every block on these pages comes from nitro.components.",
    )
    made = Page(*content, title=title, head=[Style(STYLE)], lang="ar" if prefix else None)
    return made.within(frame)


def _prefix() -> str:
    return "/rtl" if f"{current_context().path}/".startswith("/rtl/") else ""
