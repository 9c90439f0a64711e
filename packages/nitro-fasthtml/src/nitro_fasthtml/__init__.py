"""Nitro for FastHTML: ``install(app)``, the ``ReadSignals`` annotation and ``NitroResponse``."""

from typing import TYPE_CHECKING

__all__ = ["NitroResponse", "ReadSignals", "install"]

if TYPE_CHECKING:
    from nitro_fasthtml.application import install as install
    from nitro_fasthtml.signals import ReadSignals as ReadSignals
    from nitro_starlette.responses import NitroResponse as NitroResponse
else:
    from importlib import import_module

    _HOME_OF = {
        "NitroResponse": "nitro_starlette.responses",
        "ReadSignals": "nitro_fasthtml.signals",
        "install": "nitro_fasthtml.application",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            msg = f"module 'nitro_fasthtml' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value

    def __dir__() -> list[str]:
        return sorted(_HOME_OF)
