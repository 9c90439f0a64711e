"""What ``manage.py check`` says of Nitro, and the log when the first request comes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections
from django.urls import Resolver404, get_resolver

from nitro_django.wiring import MIDDLEWARE, wire
from nitro_events.http.asgi import check_settings
from nitro_events.http.tree import RouteError
from nitro_events.settings import SettingsError
from nitro_events.state import state
from nitro_events.units import Units

__all__ = ["register_checks", "warnings"]


def register_checks() -> None:
    """Let Django run these checks."""
    checks.register(_check_all, "nitro")


def warnings() -> list[CheckMessage]:
    """Return what looks wrong."""
    return [*_middleware(), *_urls(), *_shadows(), *_databases()]


def _check_all(**_: Any) -> list[CheckMessage]:
    wire()
    return [*_settings(), *warnings()]


def _settings() -> Iterator[CheckMessage]:
    try:
        check_settings()
    except (SettingsError, RouteError) as exc:
        yield checks.Error(str(exc), id="nitro.E001")


def _middleware() -> Iterator[CheckMessage]:
    if list(settings.MIDDLEWARE)[-1:] != [MIDDLEWARE]:
        yield checks.Error(
            f"{MIDDLEWARE} is not the last of MIDDLEWARE.",
            hint="It has to see what views return before any other middleware does. Move it, "
            "or leave it out: then it is put there by itself.",
            id="nitro.E002",
        )


def _urls() -> Iterator[CheckMessage]:
    from nitro_django.routing import NitroResolver, is_nitro

    patterns = get_resolver().url_patterns
    if any(isinstance(one, NitroResolver) for one in patterns):
        return
    found = [one for one in patterns if is_nitro(one)]
    if not found:
        yield checks.Warning(
            "Nitro's URLs are nowhere in ROOT_URLCONF.",
            hint='Add path("", include("nitro_django.urls")) to it, behind your own.',
            id="nitro.W001",
        )
    elif str(found[0].pattern):
        yield checks.Error(
            f"Nitro's URLs are included below {str(found[0].pattern)!r}.",
            hint='Include them at "", and move them with nitro.configure(prefix="/app"): what '
            "Nitro writes into pages has to lead there too.",
            id="nitro.E003",
        )


def _shadows() -> Iterator[CheckMessage]:
    from nitro_django.routing import own_hidden

    for target in state.targets:
        path = f"{state.settings.prefix}/{target.slug}/new"
        try:
            with own_hidden():
                found = get_resolver().resolve(path)
        except Resolver404:
            continue
        yield checks.Warning(
            f"{path} is the form for a new {target.kind.__name__}, and your route "
            f"{found.route!r} answers there in its place.",
            hint="Let yours match less, such as <int:id>, or move all generated routes with "
            "nitro.configure(prefix='/app').",
            id="nitro.W002",
        )


def _databases() -> Iterator[CheckMessage]:
    ours = {Path(name).resolve() for name in state.part(Units).files()}
    for alias, config in connections.settings.items():
        if "sqlite3" not in config["ENGINE"] or not config["ATOMIC_REQUESTS"]:
            continue
        if Path(str(config["NAME"])).resolve() in ours:
            yield checks.Warning(
                f"Django (database {alias!r}, ATOMIC_REQUESTS) and Nitro write to the same SQLite "
                f"file in one request, {config['NAME']}.",
                hint="SQLite has one writer at a time: a view that writes with both waits for "
                "itself and fails with 'database is locked'. Give each a file, turn "
                "ATOMIC_REQUESTS off, or use PostgreSQL.",
                id="nitro.W003",
            )
