"""``install`` for a project that is set up by its settings: says what is missing there."""

from typing import TypeVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.base import BaseHandler

from nitro_django.wiring import MIDDLEWARE, wire

__all__ = ["install"]

App = TypeVar("App")


def install(app: App) -> App:
    """Check that the project of *app*, a WSGI or ASGI application of Django, has Nitro.

    Django is set up by its settings, and an application is complete when it is there. Returns
    *app*. Raises TypeError for anything else, and ImproperlyConfigured with what to add.
    """
    if not isinstance(app, BaseHandler):
        msg = f"install() takes an application of Django, got {type(app).__name__}"
        raise TypeError(msg)
    if not apps.is_installed("nitro_django"):
        msg = (
            "The application has started without Nitro: add 'nitro_django' to INSTALLED_APPS, and "
            'path("", include("nitro_django.urls")) to the end of your URLs'
        )
        raise ImproperlyConfigured(msg)
    if list(settings.MIDDLEWARE)[-1:] != [MIDDLEWARE]:
        msg = f"{MIDDLEWARE} is not the last of MIDDLEWARE: move it, or leave it out"
        raise ImproperlyConfigured(msg)
    wire()
    return app
