"""Django's users and sessions are Nitro's callers."""

# mypy: disable-error-code="untyped-decorator"
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from nitro_events import Caller, action, configure
from nitro_events.http.request import current_request
from nitro_events.state import state


@pytest.fixture
def ann() -> Iterator[User]:
    user = User.objects.create(username="ann")
    yield user
    User.objects.all().delete()


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ids: list[str] = []
    monkeypatch.setattr(state.hub, "close_streams", ids.append)
    return ids


@pytest.fixture
def door(site: Any, ann: User) -> Any:
    @site.view("login")
    def enter(request: HttpRequest) -> HttpResponse:
        login(request, ann, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponse("in")

    @site.view("logout")
    def leave(request: HttpRequest) -> HttpResponse:
        logout(request)
        return HttpResponse("out")

    @site.view("me")
    def me(request: HttpRequest) -> HttpResponse:
        asked = current_request.get()
        assert asked is not None
        return HttpResponse(str(asked.caller.id))

    @site.view("ame")
    async def ame(request: HttpRequest) -> HttpResponse:
        asked = current_request.get()
        assert asked is not None
        return HttpResponse(str((await asked.identify()).id))

    return site


@pytest.mark.parametrize("url", ["/me", "/ame"])
def test_the_caller_is_the_user_of_the_session(door: Any, ann: User, url: str) -> None:
    before = door.get(url).content.decode()

    door.post("/login")

    assert (before, door.get(url).content.decode()) == ("None", str(ann.pk))


def test_policies_are_told_who_asks(door: Any, ann: User) -> None:
    callers: list[str | None] = []

    def may(caller: Caller, operation: str, target: object) -> bool:
        callers.append(caller.id)
        return caller.id is not None

    configure(policy=may)

    @action
    def ring() -> str:
        return "ring"

    refused = door.post("/ring", {}, content_type="application/json")
    door.post("/login")
    allowed = door.post("/ring", {}, content_type="application/json")

    assert (refused.status_code, allowed.status_code) == (403, 200)
    assert callers == [None, str(ann.pk)]


def test_a_configured_user_comes_first(door: Any) -> None:
    configure(user=lambda request: request.user.get_username() or None)

    door.post("/login")

    assert door.get("/me").content == b"ann"


def test_a_logout_closes_the_streams_of_the_user(door: Any, ann: User, closed: list[str]) -> None:
    door.post("/login")
    assert closed == []

    door.post("/logout")

    assert closed == [str(ann.pk)]


def test_a_logout_closes_the_streams_of_the_configured_user(door: Any, closed: list[str]) -> None:
    configure(user=lambda request: request.user.get_username() or None)
    door.post("/login")

    door.post("/logout")

    assert "ann" in closed


def test_a_login_over_the_session_of_another_closes_their_streams(
    door: Any, ann: User, closed: list[str]
) -> None:
    ben = User.objects.create(username="ben")

    @door.view("switch")
    def switch(request: HttpRequest) -> HttpResponse:
        login(request, ben, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponse("in")

    door.post("/login")
    door.post("/switch")
    assert closed == [str(ann.pk)]

    configure(user=lambda request: request.user.get_username() or None)
    door.post("/login")
    assert {"ben", str(ben.pk)} == {*closed[1:]}


def test_a_session_that_a_view_empties_closes_the_streams_of_its_user(
    door: Any, ann: User, closed: list[str]
) -> None:
    @door.view("empty")
    def empty(request: HttpRequest) -> HttpResponse:
        request.session.flush()
        return HttpResponse("out")

    @door.view("aempty")
    async def aempty(request: HttpRequest) -> HttpResponse:
        # Django 5.0 has no awaited one
        flush = getattr(request.session, "aflush", None) or sync_to_async(request.session.flush)
        await flush()
        return HttpResponse("out")

    for url in ("/empty", "/aempty"):
        door.post("/login")
        door.post(url)

    assert closed == [str(ann.pk)] * 2


def test_streams_are_closed_when_the_request_is_over(door: Any, closed: list[str]) -> None:
    seen: list[list[str]] = []

    @door.view("slow")
    def slow(request: HttpRequest) -> HttpResponse:
        logout(request)
        seen.append(list(closed))  # a page that asked again now would be known by its session
        return HttpResponse("out")

    door.post("/login")
    door.post("/slow")

    assert (seen, len(closed)) == ([[]], 1)


def test_a_route_of_its_own_asks_for_no_session(site: Any) -> None:
    @site.view("plain")
    def plain(request: HttpRequest) -> HttpResponse:
        return HttpResponse("plain")

    assert "vary" not in site.post("/plain").headers


def test_a_signed_in_test_client_may_post_as_browsers_do(door: Any) -> None:
    @action
    def ring() -> str:
        return "ring"

    door.post("/login")

    assert door.post("/ring", {}, content_type="application/json").status_code == 200
