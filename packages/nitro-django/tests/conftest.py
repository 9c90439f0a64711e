"""A project of Django for each test, asked through both of Django's test clients."""

import asyncio
import tempfile
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

if not settings.configured:  # one process has one configuration: tests of documents have it too
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(Path(tempfile.mkdtemp()) / "django.db"),
            }
        },
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "nitro_django",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        ROOT_URLCONF=__name__,
        SECRET_KEY="only for tests",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
    )
    django.setup()

from django.test import AsyncClient, Client
from django.test.utils import override_settings
from django.urls import clear_url_caches, include, path

import nitro_entities.state
import nitro_events.state
from nitro_events.state import state

urlpatterns: list[Any] = []

View = Callable[..., Any]


@pytest.fixture(scope="session", autouse=True)
def _tables() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    state.reset()
    yield
    nitro_events.state.state.reset()
    nitro_entities.state.state.reset()
    clear_url_caches()


class Site:
    """A project with the views of one test."""

    def __init__(self, *, looped: bool) -> None:
        self.looped = looped
        self.urls = types.ModuleType("urls_of_a_test")
        self.patterns: list[Any] = []
        self.urls.__dict__["urlpatterns"] = self.patterns
        self.raises = False
        self.client: Any = None

    def view(self, route: str, **options: Any) -> Callable[[View], View]:
        """Let the decorated view answer at *route*."""

        def add(view: View) -> View:
            self.patterns.append(path(route, view, **options))
            return view

        return add

    def own(self) -> None:
        """Put Nitro's URLs here rather than behind all others."""
        self.patterns.append(path("", include("nitro_django.urls")))

    def get(self, url: str, *args: Any, **options: Any) -> Any:
        return self.ask("get", url, *args, **options)

    def post(self, url: str, *args: Any, **options: Any) -> Any:
        return self.ask("post", url, *args, **options)

    def ask(self, verb: str, url: str, *args: Any, **options: Any) -> Any:
        self.start()
        if isinstance(self.client, Client):
            return getattr(self.client, verb)(url, *args, **options)
        return asyncio.run(getattr(self.client, verb)(url, *args, **options))

    def read(self, url: str, *args: Any, **options: Any) -> bytes:
        """Post, and return the whole of a streaming answer."""
        self.start()
        if isinstance(self.client, Client):
            return b"".join(self.client.post(url, *args, **options))

        async def read() -> bytes:
            answer = await self.client.post(url, *args, **options)
            return b"".join([part async for part in answer])

        return asyncio.run(read())

    def start(self) -> None:
        """Make the client, after all views are there."""
        if self.client is None:
            if not any(one.app_name == "nitro" for one in self.patterns if _is_included(one)):
                self.own()
            kind = AsyncClient if self.looped else Client
            self.client = kind(raise_request_exception=self.raises)
            clear_url_caches()


def _is_included(pattern: Any) -> bool:
    return hasattr(pattern, "app_name")


@pytest.fixture(params=["wsgi", "asgi"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    site = Site(looped=request.param == "asgi")
    with override_settings(ROOT_URLCONF=site.urls):
        yield site
    clear_url_caches()
