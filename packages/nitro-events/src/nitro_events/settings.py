"""What can be set: argument, else ``configure``, else environment, else default.

Nothing is read at import; the environment is looked at when a setting is first needed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from nitro_events.state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nitro_events.policy import Policy

__all__ = ["Limits", "Settings", "SettingsError", "configure"]

Environment: TypeAlias = Literal["development", "production"]


class SettingsError(ValueError):
    """A setting cannot be what it was set to, or is missing where it is needed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes that a request may have."""

    body: int = 1024 * 1024
    fields: int = 1000
    depth: int = 32


class Settings:
    """What was given to `configure`, and how the rest is found."""

    def __init__(self) -> None:
        self._given: dict[str, Any] = {}

    def set(self, **values: object) -> None:
        """Keep the *values* that are not None."""
        self._given.update({name: value for name, value in values.items() if value is not None})

    @property
    def env(self) -> Environment:
        """``development`` or ``production``; NITRO_ENV, else development."""
        return cast("Environment", checked_env(self._text("env", "NITRO_ENV", "development")))

    @property
    def production(self) -> bool:
        """Whether the careful answers of production apply."""
        return self.env == "production"

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
        return cast("Policy | None", self._given.get("policy"))

    @property
    def user(self) -> Callable[[Any], object] | None:
        """Finds out who is asking, from the framework's own request."""
        return cast("Callable[[Any], object] | None", self._given.get("user"))

    @property
    def prefix(self) -> str:
        """What the paths of Nitro's own routes begin with, without a slash at the end."""
        return checked_prefix(self._text("prefix", "NITRO_PREFIX", ""))

    @property
    def public_origins(self) -> tuple[str, ...]:
        """Where browsers see this application, such as ``https://example.org``."""
        given = self._given.get("public_origin")
        if given is None:
            given = os.environ.get("NITRO_PUBLIC_ORIGIN", "")
        origins = given.split(",") if isinstance(given, str) else given
        return tuple(origin.strip().rstrip("/").lower() for origin in origins if origin.strip())

    @property
    def limits(self) -> Limits:
        """The sizes that a request may have."""
        return cast("Limits", self._given.get("limits") or Limits())

    def _text(self, name: str, variable: str, default: str) -> str:
        return cast("str", self._given.get(name) or os.environ.get(variable) or default)


def configure(
    *,
    env: Environment | None = None,
    secret: str | Sequence[str] | None = None,
    policy: Policy | None = None,
    user: Callable[[Any], object] | None = None,
    prefix: str | None = None,
    public_origin: str | Sequence[str] | None = None,
    limits: Limits | Mapping[str, int] | None = None,
) -> None:
    """Set what applies to the whole application; what is left out stays as it was.

    *policy* is asked ``policy(caller, operation, target)``; *user* gets the framework's request
    and answers a `Caller`, an id or None (it may be async); *secret* is one or several, newest
    first. Raises SettingsError for values that cannot be.
    """
    if env is not None:
        checked_env(env)
    if prefix is not None:
        checked_prefix(prefix)
    if limits is not None and not isinstance(limits, Limits):
        limits = limits_from(limits)
    state.settings.set(
        env=env,
        secret=secret,
        policy=policy,
        user=user,
        prefix=prefix,
        public_origin=public_origin,
        limits=limits,
    )


def limits_from(values: Mapping[str, int]) -> Limits:
    """Return the limits with *values* in place of the defaults."""
    try:
        return replace(Limits(), **values)
    except TypeError:
        known = ", ".join(Limits.__slots__)
        msg = f"Unknown limit among {', '.join(values)}. Limits: {known}"
        raise SettingsError(msg) from None


def checked_env(env: str) -> str:
    """Return *env* if there is such an environment."""
    if env in ("development", "production"):
        return env
    msg = f"NITRO_ENV is 'development' or 'production', got {env!r}"
    raise SettingsError(msg)


def checked_prefix(prefix: str) -> str:
    """Return *prefix* without the slash at its end."""
    if prefix and not prefix.startswith("/"):
        msg = f"The prefix is a path such as '/app', got {prefix!r}"
        raise SettingsError(msg)
    return prefix.rstrip("/")
