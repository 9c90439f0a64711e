"""Flask and Django below paths of their own, under a WSGI server."""

import sys
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import include, path, reverse
from flask import Flask, url_for
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import run_simple

from behaviour.below import towns
from nitro_flask import Nitro

flask: Any = Flask(__name__)
Nitro(flask)
flask.get("/")(lambda: towns.listed())
flask.get("/add", endpoint="add")(lambda: towns.added())
flask.get("/link", endpoint="link")(lambda: url_for("nitro.towns.grow", id="7"))

settings.configure(
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["nitro_django"],
    MIDDLEWARE=["nitro_django.middleware.NitroMiddleware"],
)
django.setup()
views: list[Any] = [lambda _: towns.listed(), lambda _: towns.added()]
urlpatterns = [
    path("", views[0]),
    path("add", views[1]),
    path("link", lambda _: HttpResponse(reverse("nitro:towns.grow", kwargs={"id": "7"}))),
    path("", include("nitro_django.urls")),
]

LATIN = "/straße".encode().decode("latin-1")  # as WSGI has paths
app: Any = DispatcherMiddleware(
    flask.wsgi_app,
    {"/flask": flask.wsgi_app, LATIN: flask.wsgi_app, "/a/django": get_wsgi_application()},
)

if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True)
