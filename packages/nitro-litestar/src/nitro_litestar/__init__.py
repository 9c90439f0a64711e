"""Nitro for Litestar: ``NitroPlugin``, ``install(app)`` and the ``ReadSignals`` annotation."""

from typing import TYPE_CHECKING

__all__ = ["NitroPlugin", "ReadSignals", "install", "read_signals"]

if TYPE_CHECKING:
    from nitro_litestar.plugin import NitroPlugin as NitroPlugin
    from nitro_litestar.plugin import install as install
    from nitro_litestar.signals import ReadSignals as ReadSignals
    from nitro_litestar.signals import read_signals as read_signals
else:
    from importlib import import_module

    _HOME_OF = {
        "NitroPlugin": "nitro_litestar.plugin",
        "ReadSignals": "nitro_litestar.signals",
        "install": "nitro_litestar.plugin",
        "read_signals": "nitro_litestar.signals",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            msg = f"module 'nitro_litestar' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value

    def __dir__() -> list[str]:
        return sorted(_HOME_OF)
