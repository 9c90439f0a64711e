"""What `configure` is given, as it is kept: checked before anything is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from nitro_templates.expecting import Taken, expect_all, is_a, is_some, takes
from nitro_templates.look import Look

__all__ = ["kept"]


def kept(given: Mapping[str, object]) -> dict[str, object]:
    """Answer the settings as they are kept; ValueError says what one of them takes."""
    from nitro_templates.layout import check_layout

    expect_all(given, _TAKEN, ValueError)
    check_layout("layout", given.get("layout"), ValueError)
    return {name: _READ.get(name, _as_it_is)(value) for name, value in given.items()}


def _is_zone(value: object) -> bool:
    return isinstance(value, str) or takes(1)(value)


_LANGUAGE = "a function of the request that answers a language. For all readers say lang='de'"
_FOLDERS = "a folder such as 'translations', or several"

_TAKEN: Taken = {
    "asset_base": ("asset_base", is_a(str), "a path such as '/_nitro'"),
    "csp_sources": ("csp_sources", is_a(Mapping), "{'img-src': 'https://images.example'}"),
    "datastar": ("datastar", is_a(str), "the path or URL of a script"),
    "datastar_integrity": ("datastar_integrity", is_a(str), "a text such as 'sha256-…'"),
    "expressions": ("expressions", is_some(str), "a list of expressions"),
    "icon": ("icon", is_a(str), "the address of a picture"),
    "languages": ("languages", is_some(str), "languages such as ['en', 'de']"),
    "locale": ("locale", takes(1), _LANGUAGE),
    "look": ("look", is_a(Look), "a Look such as Look(accent='#0b7285')"),
    "nonce": ("nonce", takes(1), "a function of the framework's request that answers a nonce"),
    "presence": ("presence", is_a(bool), "True or False"),
    "stylesheets": ("stylesheets", is_some(str, Path), "files such as 'static/app.css'"),
    "translation_domain": ("translation_domain", is_a(str), "a name such as 'messages'"),
    "translations": ("translations", is_some(str, Path), _FOLDERS),
    "zone": ("zone", _is_zone, "a name such as 'Europe/Zurich', 'browser', or a function"),
}


def _as_it_is(value: object) -> object:
    return value


def _asset_base(value: str) -> str:
    return "/" + value.strip("/")


def _stylesheets(value: Any) -> tuple[Path, ...]:
    from nitro_templates.stylesheets import checked

    return checked(value)


def _csp(value: str) -> str:
    from nitro_templates.csp import Csp

    return _one_of("csp", get_args(Csp), value)


def _theme(value: str) -> str:
    from nitro_templates.page import Theme

    return _one_of("theme", get_args(Theme), value)


def _one_of(name: str, known: tuple[str, ...], value: str) -> str:
    if value not in known:
        msg = f"{name} is {' or '.join(map(repr, known))}, not {value!r}"
        raise ValueError(msg)
    return value


def _lang(value: str) -> str:
    from nitro_templates.i18n.reader import is_tag

    if not is_tag(value):
        msg = f"{value!r} is no language: write it as 'de' or 'de-CH'"
        raise ValueError(msg)
    return value


def _languages(value: Any) -> tuple[str, ...]:
    return tuple(map(_lang, _several(value)))


def _zone(value: Any) -> object:
    if isinstance(value, str) and value != "browser":
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (LookupError, ValueError, OSError) as exc:
            msg = f"zone is the name of one such as 'Europe/Zurich', or 'browser', not {value!r}"
            raise ValueError(msg) from exc
    return value


def _csp_sources(value: Any) -> object:
    from nitro_templates.csp import checked_sources

    return checked_sources(value)


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _folders(value: Any) -> tuple[Path, ...]:
    return tuple(map(Path, [value] if isinstance(value, str | Path) else value))


_READ: dict[str, Callable[[Any], object]] = {
    "asset_base": _asset_base,
    "csp": _csp,
    "csp_sources": _csp_sources,
    "expressions": _several,
    "lang": _lang,
    "languages": _languages,
    "stylesheets": _stylesheets,
    "theme": _theme,
    "translations": _folders,
    "zone": _zone,
}
