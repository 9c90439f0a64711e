"""Nitro for Sanic: ``install(app)``, and the signals of a page by `read_signals`."""

from typing import TYPE_CHECKING

__all__ = ["ReadSignals", "aread_signals", "install", "read_signals"]

if TYPE_CHECKING:
    from nitro_sanic.application import install as install
    from nitro_sanic.signals import ReadSignals as ReadSignals
    from nitro_sanic.signals import aread_signals as aread_signals
    from nitro_sanic.signals import read_signals as read_signals
else:
    from importlib import import_module

    _HOME_OF = {
        "ReadSignals": "nitro_sanic.signals",
        "aread_signals": "nitro_sanic.signals",
        "install": "nitro_sanic.application",
        "read_signals": "nitro_sanic.signals",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            msg = f"module 'nitro_sanic' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value

    def __dir__() -> list[str]:
        return sorted(_HOME_OF)
