"""How a project gets Nitro, and what is said when something is missing."""

import logging
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import modify_settings, override_settings
from django.urls import clear_url_caches, include, path

from nitro_django import install
from nitro_django.wiring import MIDDLEWARE
from nitro_entities import Entity, SQLEntity, configure


class Dinghy(Entity):
    name: str


def ids() -> list[str | None]:
    clear_url_caches()
    return [message.id for message in run_checks(tags=["nitro"])]


@pytest.fixture
def urls() -> Iterator[Any]:
    module = types.ModuleType("urls_of_a_check")
    module.__dict__["urlpatterns"] = [path("", include("nitro_django.urls"))]
    with override_settings(ROOT_URLCONF=module):
        yield module


def test_the_application_of_the_project_puts_the_middleware_last() -> None:
    assert settings.MIDDLEWARE[-1] == MIDDLEWARE


@pytest.mark.parametrize("make", [get_wsgi_application, get_asgi_application])
def test_install_takes_a_project_that_is_set_up_and_twice_is_once(make: Any) -> None:
    app = make()

    assert install(app) is app
    assert install(app) is app


def test_install_takes_applications_of_django_only() -> None:
    with pytest.raises(TypeError, match="got object"):
        install(object())


def test_install_says_what_to_add_to_a_project_that_started_without() -> None:
    app = get_wsgi_application()

    with (
        modify_settings(INSTALLED_APPS={"remove": ["nitro_django"]}),
        pytest.raises(ImproperlyConfigured, match="started without Nitro: add 'nitro_django'"),
    ):
        install(app)


def test_nothing_is_said_of_a_project_that_is_right(urls: Any) -> None:
    assert ids() == []


def test_urls_that_are_nowhere_are_told(urls: Any) -> None:
    urls.urlpatterns.clear()

    assert ids() == ["nitro.W001"]


def test_urls_below_a_path_are_told(urls: Any) -> None:
    urls.urlpatterns[:] = [path("app/", include("nitro_django.urls"))]

    assert ids() == ["nitro.E003"]


def test_a_middleware_that_is_not_last_is_told(urls: Any) -> None:
    with override_settings(MIDDLEWARE=[MIDDLEWARE, *settings.MIDDLEWARE[:-1]]):
        assert ids() == ["nitro.E002"]


def test_a_view_in_the_place_of_a_form_is_told(urls: Any) -> None:
    def boat(request: HttpRequest, name: str) -> HttpResponse:
        return HttpResponse(name)

    urls.urlpatterns.insert(0, path("dinghies/<str:name>", boat))

    assert ids() == ["nitro.W002"]


def test_two_writers_of_one_sqlite_file_are_told(
    urls: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hull(SQLEntity):
        name: str

    file = settings.DATABASES["default"]["NAME"]
    configure(database_url=f"sqlite:///{file}")
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    assert ids() == ["nitro.W003"]


def test_what_looks_wrong_is_logged_with_the_first_request(
    urls: Any, caplog: pytest.LogCaptureFixture
) -> None:
    urls.urlpatterns.clear()
    clear_url_caches()

    with caplog.at_level(logging.WARNING, "nitro_django"):
        Client().get("/")

    assert "nowhere in ROOT_URLCONF" in caplog.text


def test_a_missing_secret_is_told_by_the_check(urls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_ENV", "production")
    monkeypatch.delenv("NITRO_SECRET", raising=False)

    assert ids() == ["nitro.E001"]
