"""What can be set: argument, else ``configure``, else environment, else default.

Nothing is read at import; the environment is looked at when a setting is first needed.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from nitro_events.expecting import expect, expect_all, is_a
from nitro_events.setting_values import SECRETS, TAKEN
from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import EllipsisType

    from nitro_events.durable.options import Durable
    from nitro_events.middleware.work import Middleware
    from nitro_events.policy import Policy

__all__ = ["Limits", "Settings", "SettingsError", "configure"]

Environment: TypeAlias = Literal["development", "production"]

EVENTS_SCHEMES = ("redis", "rediss", "postgresql")


class SettingsError(ValueError):
    """A setting cannot be what it was set to, or is missing where it is needed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes that a request may have (*upload* with stored files in it), how much a generator
    handler may yield, and how many live streams there may be: of one caller, of one address
    without a login, and of one process that needs a worker for each of them. *uploads* are bytes
    that nothing holds yet, *drafts* forms with steps that are not finished, *imports_of_address*
    bytes to be imported; of one caller, or of one address without a login."""

    body: int = 1024 * 1024
    upload: int = 100 * 1024 * 1024
    uploads: int = 1024 * 1024 * 1024
    uploads_of_address: int = 4 * 1024 * 1024 * 1024
    drafts: int = 100
    drafts_of_address: int = 1000
    imports_of_address: int = 128 * 1024 * 1024
    fields: int = 1000
    depth: int = 32
    items: int = 10_000
    topics: int = 100
    streams: int = 64
    streams_of_address: int = 1024
    worker_streams: int = 16

    def __post_init__(self) -> None:
        """Refuse what is no size. Raises SettingsError."""
        for name in Limits.__slots__:
            value = getattr(self, name)
            fits = is_a(int)(value) and value >= 0
            expect(fits, f"limits: {name}", "a whole number, 0 or more", value, SettingsError)


_LIMITS = Limits()


class Settings:
    """What was given to `configure`, and how the rest is found."""

    def __init__(self) -> None:
        self._given: dict[str, Any] = {}
        self._found: dict[str, str] = {}

    def set(self, **values: object) -> None:
        """Keep the *values* that are not None."""
        self._given.update({name: value for name, value in values.items() if value is not None})
        self._found = {}

    def given(self, name: str) -> object:
        """Return what `configure` was given for *name*, None if nothing."""
        return self._given.get(name)

    @property
    def env(self) -> Environment:
        """``development`` or ``production``; NITRO_ENV, else development."""
        return cast("Environment", self._text("env", "NITRO_ENV", "development", checked_env))

    @property
    def production(self) -> bool:
        """Whether the careful answers of production apply."""
        # asked by the policy of development at each call, so without a step in between
        return self._text("env", "NITRO_ENV", "development", checked_env) == "production"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The signing secrets, newest first; NITRO_SECRET separates them by commas."""
        given = self._given.get("secret")
        if given is None:
            given = os.environ.get("NITRO_SECRET", "").split(",")
        elif isinstance(given, str):
            given = given.split(",")
        return tuple(secret.strip() for secret in given if secret.strip())

    @property
    def policy(self) -> Policy | None:
        """Who may do what, if the application said so."""
        policy: Policy | None = self._given.get("policy")
        return policy

    @property
    def user(self) -> Callable[[Any], object] | None:
        """Finds out who is asking, from the framework's own request."""
        user: Callable[[Any], object] | None = self._given.get("user")
        return user

    @property
    def prefix(self) -> str:
        """What the paths of Nitro's own routes begin with, without a slash at the end."""
        return self._text("prefix", "NITRO_PREFIX", "", checked_prefix)

    @property
    def public_origins(self) -> tuple[str, ...]:
        """Where browsers see this application, such as ``https://example.org``."""
        given = self._given.get("public_origin")
        if given is None:
            given = os.environ.get("NITRO_PUBLIC_ORIGIN", "")
        origins = given.split(",") if isinstance(given, str) else given
        return tuple(origin.strip().rstrip("/").lower() for origin in origins if origin.strip())

    @property
    def protect_all(self) -> bool:
        """Whether hand-written routes refuse what another site sends, as Nitro's own do."""
        return bool(self._given.get("protect_all"))

    @property
    def limits(self) -> Limits:
        """The sizes that a request may have."""
        limits: Limits = self._given.get("limits") or _LIMITS
        return limits

    @property
    def middleware(self) -> Sequence[Middleware | EllipsisType]:
        """What runs around every call, see `nitro_events.middleware`."""
        given: Sequence[Middleware | EllipsisType] = self._given.get("middleware", ())
        return given

    @property
    def durable(self) -> Durable:
        """How durable handlers are run."""
        from nitro_events.durable.options import Durable

        return cast("Durable", self._given.get("durable") or Durable())

    @property
    def events_url(self) -> str | None:
        """Where several instances meet; NITRO_EVENTS_URL, else None: this process is alone."""
        return self._text("events_url", "NITRO_EVENTS_URL", "", checked_events_url) or None

    @property
    def strict_events(self) -> bool:
        """Whether an event that nobody knows is an error; NITRO_STRICT_EVENTS, else no."""
        given = self._given.get("strict_events")
        if given is None:
            said = os.environ.get("NITRO_STRICT_EVENTS", "").lower()
            return said not in ("", "0", "false", "no", "off")
        return bool(given)

    def _text(self, name: str, variable: str, default: str, check: Callable[[str], str]) -> str:
        known = self._found  # another one as soon as something is set
        found = known.get(name)
        if found is None:
            said = self._given.get(name) or os.environ.get(variable)
            found = known[name] = check(said) if said else default
        return found


def configure(
    *,
    env: Environment | None = None,
    secret: str | Sequence[str] | None = None,
    policy: Policy | None = None,
    user: Callable[[Any], object] | None = None,
    prefix: str | None = None,
    public_origin: str | Sequence[str] | None = None,
    limits: Limits | Mapping[str, int] | None = None,
    protect_all: bool | None = None,
    durable: Durable | Mapping[str, Any] | None = None,
    events_url: str | None = None,
    strict_events: bool | None = None,
    middleware: Sequence[Middleware | EllipsisType] | None = None,
) -> None:
    """Set what applies to the whole application; what is left out stays as it was.

    *policy* is asked ``policy(caller, operation, target)``; *user* gets the framework's request
    and answers a `Caller`, an id or None (it may be async); *secret* is one or several, newest
    first; *durable* says how durable handlers are run, see `nitro_events.durable.options`;
    *events_url* (``redis://…``, ``rediss://…`` or ``postgresql://…``) is where several instances
    of the application meet; *strict_events* makes emitting a name that nobody declared or handles
    an UnknownEvent; *middleware* runs around every call, what comes after ``...`` next to the
    handler. Raises SettingsError for values that cannot be.
    """
    expect_all(locals(), TAKEN, SettingsError, secrets=SECRETS)
    if env is not None:
        checked_env(env)
    if prefix is not None:
        checked_prefix(prefix)
    if events_url is not None:
        checked_events_url(events_url)
    if limits is not None and not isinstance(limits, Limits):
        limits = limits_from(limits)
    if durable is not None:
        from nitro_events.durable.options import options_from

        durable = options_from(durable)
    state.settings.set(
        env=env,
        secret=secret,
        policy=policy,
        user=user,
        prefix=prefix,
        public_origin=public_origin,
        limits=limits,
        protect_all=protect_all,
        durable=durable,
        events_url=events_url,
        strict_events=strict_events,
        middleware=None if middleware is None else checked_middleware(middleware),
    )
    if strict_events is not None:
        state.plans.clear()  # names that were let through are looked at again
    if events_url is not None:
        # loaded late: who is alone needs none of it
        from nitro_events.instances import begin

        begin()


def limits_from(values: Mapping[str, int]) -> Limits:
    """Return the limits with *values* in place of the defaults."""
    expect_dict("limits", values, "{'body': 2_000_000}")
    try:
        return replace(Limits(), **values)
    except TypeError:
        known = ", ".join(Limits.__slots__)
        msg = f"Unknown limit among {', '.join(values)}. Limits: {known}"
        raise SettingsError(msg) from None


def expect_dict(option: str, given: object, example: str) -> None:
    """Raise SettingsError unless *given* is a dictionary."""
    is_one = isinstance(given, Mapping)
    expect(is_one, option, f"a dictionary such as {example}", given, SettingsError)


def checked_middleware(
    given: Sequence[Middleware | EllipsisType],
) -> tuple[Middleware | EllipsisType, ...]:
    """Return *given* if each is a generator function and ``...`` stands there once at most."""
    places = [item for item in given if item is ...]
    for item in given:
        if item is not ... and not is_generator(item):
            msg = (
                f"A middleware is a generator function that takes the work, got {item!r}. Such "
                f"as: def timed(work): result = yield; return result"
            )
            raise SettingsError(msg)
    if len(places) > 1:
        msg = "In middleware=[…], ... stands for our own ones, so it can be there once at most"
        raise SettingsError(msg)
    return tuple(given)


def is_generator(thing: object) -> bool:
    """Tell whether calling *thing*, a function or an object that can be called, makes one."""
    return inspect.isgeneratorfunction(thing) or inspect.isgeneratorfunction(
        getattr(thing, "__call__", None)  # noqa: B004
    )


def checked_env(env: str) -> str:
    """Return *env* if there is such an environment."""
    if env in ("development", "production"):
        return env
    msg = f"NITRO_ENV is 'development' or 'production', got {env!r}"
    raise SettingsError(msg)


def checked_events_url(url: str) -> str:
    """Return *url* if it is one of a server that can connect instances."""
    scheme, found, _ = url.partition("://")
    if found and scheme in EVENTS_SCHEMES:
        return url
    # the URL is not shown: it may hold a password
    known = ", ".join(f"{name}://" for name in EVENTS_SCHEMES)
    shown = f"one of {scheme[:20]}://" if found else "something that is no URL"
    msg = f"The events_url (NITRO_EVENTS_URL) begins with one of {known}, got {shown}"
    raise SettingsError(msg)


def checked_prefix(prefix: str) -> str:
    """Return *prefix* without the slash at its end."""
    if prefix and not prefix.startswith("/"):
        msg = f"The prefix is a path such as '/app', got {prefix!r}"
        raise SettingsError(msg)
    return prefix.rstrip("/")
