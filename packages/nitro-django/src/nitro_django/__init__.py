"""Nitro for Django: put ``"nitro_django"`` into INSTALLED_APPS and its URLs behind your own."""

from typing import TYPE_CHECKING

__all__ = ["aread_signals", "arespond", "guarded", "install", "read_signals", "respond"]

if TYPE_CHECKING:
    from nitro_django.application import install as install
    from nitro_django.guard import guarded as guarded
    from nitro_django.reading import aread_signals as aread_signals
    from nitro_django.reading import read_signals as read_signals
    from nitro_django.shortcuts import arespond as arespond
    from nitro_django.shortcuts import respond as respond
else:
    from importlib import import_module

    _HOME_OF = {
        "aread_signals": "nitro_django.reading",
        "arespond": "nitro_django.shortcuts",
        "guarded": "nitro_django.guard",
        "install": "nitro_django.application",
        "read_signals": "nitro_django.reading",
        "respond": "nitro_django.shortcuts",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            msg = f"module 'nitro_django' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value

    def __dir__() -> list[str]:
        return sorted(_HOME_OF)
