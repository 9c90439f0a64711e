"""The atlas on Django: settings, views and URLs in one file."""

from typing import Any

import django
from cities import list_of_cities, load, new_city
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.urls import include, path

settings.configure(
    SECRET_KEY="for this example only",
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["nitro_django"],
)
django.setup()
load()


# `Any`: a page, which the middleware of nitro_django makes a response
def index(request: HttpRequest) -> Any:
    return list_of_cities()


def new(request: HttpRequest) -> Any:
    return new_city()


urlpatterns = [path("", index), path("new", new), path("", include("nitro_django.urls"))]
application = get_wsgi_application()
app = asgi_application = get_asgi_application()
