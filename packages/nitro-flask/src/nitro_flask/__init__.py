"""Nitro for Flask: ``Nitro(app)``, or ``install(app)``, and ``read_signals()`` in a view."""

from typing import TYPE_CHECKING

__all__ = ["Nitro", "install", "read_signals"]

if TYPE_CHECKING:
    from nitro_flask.application import Nitro as Nitro
    from nitro_flask.application import install as install
    from nitro_flask.signals import read_signals as read_signals
else:
    from importlib import import_module

    _HOME_OF = {
        "Nitro": "nitro_flask.application",
        "install": "nitro_flask.application",
        "read_signals": "nitro_flask.signals",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            msg = f"module 'nitro_flask' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value

    def __dir__() -> list[str]:
        return sorted(_HOME_OF)
