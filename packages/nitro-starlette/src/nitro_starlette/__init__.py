"""Nitro for Starlette: ``install(app)``, ``read_signals(request)`` and ``NitroResponse``."""

from typing import TYPE_CHECKING

__all__ = ["NitroResponse", "install", "read_signals"]

if TYPE_CHECKING:
    from nitro_starlette.application import install as install
    from nitro_starlette.responses import NitroResponse as NitroResponse
    from nitro_starlette.signals import read_signals as read_signals
else:
    from importlib import import_module

    _HOME_OF = {
        "NitroResponse": "nitro_starlette.responses",
        "install": "nitro_starlette.application",
        "read_signals": "nitro_starlette.signals",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            msg = f"module 'nitro_starlette' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value

    def __dir__() -> list[str]:
        return sorted(_HOME_OF)
