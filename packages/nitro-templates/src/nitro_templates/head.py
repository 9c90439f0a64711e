"""Parts of the ``<head>`` of a page: our own files, an icon, what others show of a link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates import assets, shell
from nitro_templates.escape import Safe
from nitro_templates.i18n import current_reader
from nitro_templates.i18n.browser import script_for
from nitro_templates.state import state
from nitro_templates.stylesheets import own_stylesheets
from nitro_templates.tags import Fragment, Link, Meta, Script, Style

if TYPE_CHECKING:
    from nitro_templates.context import RenderContext
    from nitro_templates.html import Element

__all__ = ["has_files", "icon_link", "machinery", "social"]


def social(
    title: str,
    description: str = "",
    *,
    image: str | None = None,
    url: str | None = None,
    kind: str = "website",
) -> Element:
    """Answer the Open Graph parts that chats and networks show of a link to the page.

    Put it into ``Page(head=[social(…)])``. *image* and *url* are whole addresses, with the
    host in them: whoever reads them is elsewhere.
    """
    card = "summary_large_image" if image else "summary"
    return Fragment(
        Meta(property="og:title", content=title),
        Meta(property="og:type", content=kind),
        Meta(property="og:description", content=description) if description else None,
        Meta(property="og:image", content=image) if image else None,
        Meta(property="og:url", content=url) if url else None,
        Meta(name="twitter:card", content=card),
    )


def machinery(context: RenderContext, *, icon: str | None = None, body: str = "") -> Element:
    """Answer what our scripts and styles need in the head of a page with this *body*."""
    token = context.token() if context.live and context.token else None
    return Fragment(
        None if token is None else shell.token(token),
        shell.root(context.root) if context.root else None,
        shell.zone(context.zone) if state.zone == "browser" else None,
        shell.lang(context.page_lang) if context.live and context.page_lang else None,
        icon_link(context, icon),
        _files(context, assets.needed_for(body)),
    )


def icon_link(context: RenderContext, icon: str | None) -> Element | None:
    """Answer the link to the page's icon, by default the configured one or ours."""
    wanted = icon or state.icon
    if wanted is not None:
        return Link(rel="icon", href=wanted)
    if not has_files(context):
        return None
    return Link(rel="icon", href=assets.asset("icon.svg").url_in(context), type="image/svg+xml")


def has_files(context: RenderContext) -> bool:
    """Say whether somebody serves our files: an adapter, or the application itself."""
    return context.live or state.asset_base is not None


def _files(context: RenderContext, on_demand: list[str]) -> Element:
    styles = ["nitro.css", *(name for name in on_demand if name.endswith(".css"))]
    if not has_files(context):
        files = [*map(assets.asset, styles), *own_stylesheets()]
        css = "".join(file.body.decode("utf-8") for file in files)
        return Style(Safe(css), nonce=context.nonce)
    # Datastar's expressions use window.nitro, so ours come first: modules run in order.
    names = ["nitro.js", *_for_policy(), *(name for name in on_demand if name.endswith(".js"))]
    texts = script_for(current_reader())
    scripts = [*([] if texts is None else [texts]), *map(assets.asset, names)]
    return Fragment(
        [
            Link(rel="stylesheet", href=file.url_in(context))
            for file in (*map(assets.asset, styles), *own_stylesheets())
        ],
        [
            Script(type="module", src=script.url_in(context), nonce=context.nonce)
            for script in scripts
        ],
        _datastar(context),
    )


def _for_policy() -> list[str]:
    if state.csp is None:
        return []
    return ["strict.js", "expressions.js"] if state.csp == "no-eval" else ["strict.js"]


def _datastar(context: RenderContext) -> Element:
    try:
        script = assets.datastar_script(context)
    except LookupError as exc:
        return Fragment(Meta(name="nitro-missing", content=str(exc)))
    return Script(
        type="module",
        src=script.url,
        integrity=script.integrity,
        crossorigin="anonymous" if script.integrity else None,
        nonce=context.nonce,
    )
