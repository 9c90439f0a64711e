"""Hand each setting to the module that owns it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from os import PathLike
    from pathlib import Path
    from types import EllipsisType

    from nitro_entities.files import Storage
    from nitro_events.durable.options import Durable
    from nitro_events.middleware.work import Middleware
    from nitro_events.policy import Policy
    from nitro_events.settings import Limits
    from nitro_templates.csp import Csp
    from nitro_templates.layout import Layout
    from nitro_templates.look import Look
    from nitro_templates.page import Theme


class Settings(TypedDict, total=False):
    """What `configure` takes; the owner's own ``configure`` says what each setting means."""

    database_url: str
    redis_url: str
    backend: type[Any]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    busy_timeout: float
    pool_size: int
    strict_loop: bool
    durable_changes: bool
    files: str | PathLike[str] | Storage

    env: Literal["development", "production"]
    secret: str | Sequence[str]
    policy: Policy
    user: Callable[[Any], object]
    prefix: str
    public_origin: str | Sequence[str]
    limits: Limits | Mapping[str, int]
    durable: Durable | Mapping[str, Any]
    protect_all: bool
    events_url: str
    strict_events: bool
    middleware: Sequence[Middleware | EllipsisType]

    datastar: str
    datastar_integrity: str
    asset_base: str
    layout: Layout
    theme: Theme
    lang: str
    icon: str
    stylesheets: str | Path | Iterable[str | Path]
    look: Look
    nonce: Callable[[Any], str | None]
    csp: Csp
    csp_sources: Mapping[str, str | Iterable[str]]
    expressions: Iterable[str]
    languages: Iterable[str]
    locale: Callable[[Any], str | None]
    zone: str | Callable[[Any], str | None]
    translations: str | Path | Iterable[str | Path]
    translation_domain: str
    presence: bool


# a table and not a search, which would have to load the modules
SETTINGS_OF = {
    "nitro_entities": (
        "database_url",
        "redis_url",
        "backend",
        "clock",
        "new_id",
        "busy_timeout",
        "pool_size",
        "strict_loop",
        "durable_changes",
        "files",
        "secret",
    ),
    "nitro_events": (
        "env",
        "secret",
        "policy",
        "user",
        "prefix",
        "public_origin",
        "limits",
        "durable",
        "protect_all",
        "events_url",
        "strict_events",
        "middleware",
    ),
    "nitro_templates": (
        "datastar",
        "datastar_integrity",
        "asset_base",
        "layout",
        "theme",
        "lang",
        "icon",
        "stylesheets",
        "look",
        "nonce",
        "csp",
        "csp_sources",
        "expressions",
        "languages",
        "locale",
        "zone",
        "translations",
        "translation_domain",
        "presence",
    ),
}
KNOWN = tuple(dict.fromkeys(name for names in SETTINGS_OF.values() for name in names))


def configure(**settings: Unpack[Settings]) -> None:
    """Set what applies to the whole application; only the modules concerned are loaded.

    Raises TypeError for a setting that nobody knows and ImportError for one whose module is not
    installed, before anything is set.
    """
    unknown = sorted(settings.keys() - set(KNOWN))
    if unknown:
        msg = f"Unknown settings: {', '.join(unknown)}. Known settings: {', '.join(KNOWN)}"
        raise TypeError(msg)
    shares = {
        owner: {name: value for name, value in settings.items() if name in names}
        for owner, names in SETTINGS_OF.items()
    }
    installed = {owner for owner in SETTINGS_OF if find_spec(owner) is not None}
    for owner, share in shares.items():
        # a setting of several modules reaches those that are there
        lost = [name for name in share if not any(name in SETTINGS_OF[one] for one in installed)]
        if lost:
            dist = owner.replace("_", "-")
            msg = f"{', '.join(lost)}: settings of {dist}, not installed. Run: pip install {dist}"
            raise ImportError(msg, name=owner)
    for owner in installed:
        if shares[owner]:
            import_module(owner).configure(**shares[owner])
