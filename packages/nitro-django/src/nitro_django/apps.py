"""The application that a project lists among its own."""

from django.apps import AppConfig
from django.conf import settings

from nitro_django.checks import register_checks
from nitro_django.identity import follow_sessions
from nitro_django.wiring import MIDDLEWARE, wire

__all__ = ["NitroConfig"]


class NitroConfig(AppConfig):
    """Connects Nitro when the project starts."""

    name = "nitro_django"
    verbose_name = "Nitro"

    def ready(self) -> None:
        """Put the middleware last, follow logins, and let ``check`` look at the settings."""
        wire()
        if MIDDLEWARE not in settings.MIDDLEWARE:
            settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
        follow_sessions()
        register_checks()
