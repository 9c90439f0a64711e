"""A whole project in one file, for servers."""

import os
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.urls import include, path

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["nitro_django"],
    MIDDLEWARE=[
        "django.middleware.gzip.GZipMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for tests",
)
django.setup()

from nitro_entities import Entity  # noqa: E402, only now is Django set up
from nitro_templates import Page, Table  # noqa: E402


class Ferry(Entity):
    name: str


def front(request: HttpRequest) -> Any:  # a Page: stubs of Django know only responses
    return Page(Table.from_entity(Ferry).reactive(), title=f"Ferries of {os.getpid()}")


urlpatterns = [path("", front), path("", include("nitro_django.urls"))]

application = get_wsgi_application()
asgi_application = get_asgi_application()
