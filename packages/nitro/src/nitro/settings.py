"""Hand each setting to the module that owns it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from nitro_events.policy import Policy
    from nitro_events.settings import Limits


class Settings(TypedDict, total=False):
    """What `configure` takes; the owner's own ``configure`` says what each setting means."""

    database_url: str
    backend: type[Any]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    busy_timeout: float

    env: Literal["development", "production"]
    secret: str | Sequence[str]
    policy: Policy
    user: Callable[[Any], object]
    prefix: str
    public_origin: str | Sequence[str]
    limits: Limits | Mapping[str, int]

    datastar: str
    datastar_integrity: str
    asset_base: str


# a table and not a search, which would have to load the modules
OWNER_OF = {
    **dict.fromkeys(
        ("database_url", "backend", "clock", "new_id", "busy_timeout"), "nitro_entities"
    ),
    **dict.fromkeys(
        ("env", "secret", "policy", "user", "prefix", "public_origin", "limits"), "nitro_events"
    ),
    **dict.fromkeys(("datastar", "datastar_integrity", "asset_base"), "nitro_templates"),
}


def configure(**settings: Unpack[Settings]) -> None:
    """Set what applies to the whole application; only the modules concerned are loaded.

    Raises TypeError for a setting that nobody knows and ImportError for one whose module is not
    installed, before anything is set.
    """
    unknown = sorted(settings.keys() - OWNER_OF.keys())
    if unknown:
        msg = f"Unknown settings: {', '.join(unknown)}. Known settings: {', '.join(OWNER_OF)}"
        raise TypeError(msg)
    shares: dict[str, dict[str, object]] = {}
    for name, value in settings.items():
        shares.setdefault(OWNER_OF[name], {})[name] = value
    for owner, share in shares.items():
        if find_spec(owner) is None:
            dist = owner.replace("_", "-")
            msg = f"{', '.join(share)}: settings of {dist}, not installed. Run: pip install {dist}"
            raise ImportError(msg, name=owner)
    for owner, share in shares.items():
        import_module(owner).configure(**share)
