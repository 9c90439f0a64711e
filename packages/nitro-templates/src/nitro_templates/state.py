"""What is global in this package, on one object that can be reset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nitro_templates.setting_values import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nitro_templates.context import RenderContext
    from nitro_templates.csp import Csp
    from nitro_templates.i18n import Reader
    from nitro_templates.layout import Layout
    from nitro_templates.look import Look
    from nitro_templates.page import Theme

__all__ = ["State", "configure", "state"]

T = TypeVar("T")


class State:
    """Settings, and the registries that parts of the package keep here."""

    def __init__(self) -> None:
        self._parts: dict[object, object] = {}
        self.reset()

    def reset(self) -> None:
        """Forget every setting and every registration."""
        self.datastar: str | None = None
        self.datastar_integrity: str | None = None
        self.asset_base: str | None = None
        self.layout: Layout | None = None
        self.theme: Theme | None = None
        self.lang: str | None = None
        self.icon: str | None = None
        self.stylesheets: tuple[Path, ...] = ()
        self.presence = False
        self.look: Look | None = None
        self.nonce: Callable[[Any], str | None] | None = None
        self.csp: Csp | None = None
        self.csp_sources: dict[str, tuple[str, ...]] = {}
        self.expressions: tuple[str, ...] = ()
        self.languages: tuple[str, ...] = ()
        self.locale: Callable[[Any], str | None] | None = None
        self.zone: str | Callable[[Any], str | None] | None = None
        self.translations: tuple[Path, ...] = ()
        self.translation_domain = "messages"
        self.request_context: Callable[[], RenderContext | None] | None = None
        """Makes the context of the request that is being answered, if there is one."""
        self.request_reader: Callable[[], Reader | None] | None = None
        """Finds out who reads the answer to the current request, if there is one."""
        self._parts.clear()

    @property
    def default_lang(self) -> str:
        """The language of readers of whom nothing is known."""
        return self.lang or (self.languages[0] if self.languages else "en")

    @property
    def default_zone(self) -> str | None:
        """The time zone of readers of whom nothing is known."""
        return self.zone if isinstance(self.zone, str) and self.zone != "browser" else None

    def part(self, make: Callable[[], T], /) -> T:
        """Answer the one thing that *make* made since the last reset."""
        made = self._parts.get(make)
        if made is None:
            made = self._parts.setdefault(make, make())
        return made  # type: ignore[return-value]

    def forget(self, make: Callable[[], object], /) -> None:
        """Have *make* make its thing anew when it is asked for again."""
        self._parts.pop(make, None)


state = State()


def configure(
    *,
    datastar: str | None = None,
    datastar_integrity: str | None = None,
    asset_base: str | None = None,
    layout: Layout | None = None,
    theme: Theme | None = None,
    lang: str | None = None,
    icon: str | None = None,
    stylesheets: str | Path | Iterable[str | Path] | None = None,
    look: Look | None = None,
    nonce: Callable[[Any], str | None] | None = None,
    csp: Csp | None = None,
    csp_sources: Mapping[str, str | Iterable[str]] | None = None,
    expressions: Iterable[str] | None = None,
    languages: Iterable[str] | None = None,
    locale: Callable[[Any], str | None] | None = None,
    zone: str | Callable[[Any], str | None] | None = None,
    translations: str | Path | Iterable[str | Path] | None = None,
    translation_domain: str | None = None,
    presence: bool | None = None,
) -> None:
    """Set what is given, leave the rest.

    *datastar* is a path or URL of another Datastar client than the packaged one (also
    the environment variable ``NITRO_DATASTAR``), *datastar_integrity* its integrity value
    (``NITRO_DATASTAR_INTEGRITY``), *asset_base* the path under which the application
    serves our files, ``/_nitro`` unless said otherwise.

    *layout* is what stands around every page that has none of its own, *theme*, *lang* and
    *icon* are those of such pages. *stylesheets* are files of the application, such as
    "static/app.css": every page links them after ours, and Nitro serves them.

    *look* changes colours, corners, font, density and width of our stylesheet, see `Look`.

    With *csp* our pages have a Content-Security-Policy header: "strict", or "no-eval" where only
    our own expressions run and those named in *expressions*. *csp_sources* are further sources,
    such as ``{"img-src": "https://images.example"}``. *nonce* is for applications that send that
    header themselves: it is called with the framework's request and answers the nonce,
    which then stands on all our scripts and styles.

    *languages* are those that readers may have, such as ``["en", "de"]``: the one that their
    browser asks for is taken. *translations* is the folder with the catalogues of the
    application, as gettext lays them out, or several; *translation_domain* is their name,
    "messages" unless said otherwise. *locale* is called with the `Request` and answers the
    language of this reader, as in "de" or "de-CH", None if it does not know. *zone* is the time
    zone in which moments are shown: a name, a function like *locale*, or "browser" for the
    zone that the reader's browser is in.

    With *presence* the generated pages that edit a thing show who else is editing it.
    """
    given = {name: value for name, value in locals().items() if value is not None}
    for name, value in kept(given).items():
        setattr(state, name, value)
    if {"translations", "translation_domain"} & given.keys():
        from nitro_templates.i18n.negotiation import Found
        from nitro_templates.i18n.reader import Readers

        state.forget(Readers)
        state.forget(Found)
