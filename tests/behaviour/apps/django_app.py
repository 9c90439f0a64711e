"""The routes of `behaviour.things` in Django: settings, views and URLs in one file."""

import json
import os
from collections.abc import Iterator
from typing import Any

import django
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import include, path

import nitro
from behaviour import things
from behaviour.things import Parcel
from nitro import patch_signals

OF_NITRO = [] if things.plain_only() else ["nitro_django"]

settings.configure(
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        *OF_NITRO,
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("DJANGO_DATABASE", "django.db"),
        }
    },
    USE_TZ=True,
)
django.setup()

from django.contrib import auth  # noqa: E402, models are there after setup only
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402

if not things.plain_only():
    things.set_up()
    # the names of these users are what they are known by; the primary key would be the default
    nitro.configure(user=lambda request: request.user.get_username() or None)
    call_command("migrate", verbosity=0)
    for name in things.NAMES:
        User.objects.get_or_create(username=name, defaults={"password": make_password(None)})


def plain(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"plain": True})


def drip(request: HttpRequest) -> StreamingHttpResponse:
    def drops() -> Iterator[str]:
        yield from things.DROPS

    return StreamingHttpResponse(drops(), content_type="text/plain")


def front(request: HttpRequest) -> Any:
    return things.front()


def new(request: HttpRequest) -> Any:
    return things.new()


async def one(request: HttpRequest, id: str) -> Any:
    return await Parcel.aget(id)


def markup(request: HttpRequest) -> Any:
    return things.markup()


def made(request: HttpRequest) -> HttpResponseBase:
    from nitro_django import respond

    return respond(request, things.made(), status=201)


def add(request: HttpRequest) -> Any:
    from nitro_django import read_signals

    signals = read_signals(request)
    return patch_signals({"total": signals.a + signals.b})


def count(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"count": things.count()})


async def acount(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"count": things.count()})


def fail(request: HttpRequest) -> Any:
    things.count()
    raise RuntimeError(things.SECRET)


def refuse(request: HttpRequest) -> HttpResponse:
    things.count()
    return HttpResponse("Not now", status=409)


def invalid(request: HttpRequest) -> Any:
    return Parcel(name="")


def stale(request: HttpRequest) -> HttpResponse:
    things.change_twice()
    return HttpResponse()


def login(request: HttpRequest) -> JsonResponse:
    is_json = request.content_type == "application/json"
    name = (json.loads(request.body) if is_json else request.POST).get("user")
    user = User.objects.filter(username=name).first()
    if user is None:
        return JsonResponse({"detail": "Nobody of this name"}, status=401)
    auth.login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return JsonResponse({"user": user.username})


def logout(request: HttpRequest) -> JsonResponse:
    auth.logout(request)
    return JsonResponse({"user": None})


async def whoami(request: HttpRequest) -> JsonResponse:
    from nitro_events.http.request import current_request

    asked = current_request.get()
    return JsonResponse({"user": None if asked is None else (await asked.identify()).id})


def patches(request: HttpRequest) -> Any:
    from nitro_django import read_signals

    return things.patches(read_signals(request))


urlpatterns: list[Any] = [path("plain", plain), path("drip", drip)]
if not things.plain_only():
    urlpatterns += [
        path("", front),
        path("new", new),
        path("one/<str:id>", one),
        path("markup", markup),
        path("made", made),
        path("add", add),
        path("count", count),
        path("acount", acount),
        path("fail", fail),
        path("refuse", refuse),
        path("invalid", invalid),
        path("stale", stale),
        path("login", login),
        path("logout", logout),
        path("whoami", whoami),
        path("patches", patches),
        path("", include("nitro_django.urls")),
    ]

application = get_wsgi_application()
asgi_application = get_asgi_application()
