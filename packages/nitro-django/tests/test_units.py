"""One request, one unit; and Django's transactions beside it."""

# mypy: disable-error-code="untyped-decorator"
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test.utils import override_settings

from nitro_entities import Entity, UnitOfWork
from nitro_events.units import current_unit


class Crane(Entity):
    lifts: int = 0


@pytest.fixture(autouse=True)
def crane() -> Iterator[None]:
    Crane(id="1").save()
    yield
    Group.objects.all().delete()


@pytest.fixture
def atomic_requests() -> Iterator[None]:
    before = connection.settings_dict["ATOMIC_REQUESTS"]
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    yield
    connection.settings_dict["ATOMIC_REQUESTS"] = before


def lift() -> None:
    Crane.get("1").lifts += 1


def test_changes_are_committed_when_the_view_has_returned(site: Any) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        return HttpResponse("lifted")

    site.post("/lift")

    assert Crane.get("1").lifts == 1


def test_changes_of_an_async_view_are_committed(site: Any) -> None:
    @site.view("lift")
    async def view(request: HttpRequest) -> HttpResponse:
        lift()
        return HttpResponse("lifted")

    site.post("/lift")

    assert Crane.get("1").lifts == 1


@pytest.mark.parametrize("status", [400, 409, 503])
def test_changes_of_a_refusal_are_rolled_back(site: Any, status: int) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        return HttpResponse("no", status=status)

    assert site.post("/lift").status_code == status
    assert Crane.get("1").lifts == 0


def test_changes_before_an_exception_are_rolled_back(site: Any) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        raise RuntimeError

    assert site.post("/lift").status_code == 500
    assert Crane.get("1").lifts == 0


def test_changes_are_rolled_back_when_the_test_client_raises_too(site: Any) -> None:
    site.raises = True

    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        site.post("/lift")

    assert Crane.get("1").lifts == 0


def test_a_commit_that_fails_becomes_the_answer(site: Any) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        mine = Crane.get("1")
        with UnitOfWork(independent=True):
            Crane.get("1").update(lifts=10)
            theirs = Crane.get("1")
            theirs.lifts = 10
            theirs.save()
        mine.lifts = 1
        return HttpResponse("lifted")

    answer = site.post("/lift", {}, content_type="application/json")

    assert answer.status_code == 409
    assert Crane.get("1").lifts == 10


def test_a_streaming_answer_sees_no_unit(site: Any) -> None:
    seen: list[object] = []

    @site.view("drip")
    def drip(request: HttpRequest) -> StreamingHttpResponse:
        lift()

        def parts() -> Iterator[bytes]:
            seen.append(current_unit())
            yield b"done"

        return StreamingHttpResponse(parts())

    site.post("/drip").getvalue()

    assert seen == [None]
    assert Crane.get("1").lifts == 1


def test_middleware_of_the_project_answers_after_the_commit(site: Any) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        return HttpResponse("lifted")

    with override_settings(
        MIDDLEWARE=[f"{__name__}.Looking", "nitro_django.middleware.NitroMiddleware"]
    ):
        answer = site.post("/lift")

    assert answer.headers["x-lifts"] == "1"


class Looking:
    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self._get_response(request)
        response.headers["x-lifts"] = str(Crane.get("1").lifts)
        return response


@pytest.mark.usefixtures("atomic_requests")
def test_models_and_entities_are_kept_together(site: Any) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        Group.objects.create(name="both")
        return HttpResponse("lifted")

    site.post("/lift")

    assert Group.objects.filter(name="both").exists()
    assert Crane.get("1").lifts == 1


@pytest.mark.usefixtures("atomic_requests")
def test_models_are_undone_when_the_commit_of_entities_fails(site: Any) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        mine = Crane.get("1")
        Group.objects.create(name="lost")
        with UnitOfWork(independent=True):
            theirs = Crane.get("1")
            theirs.lifts = 10
            theirs.save()
        mine.lifts = 1
        return HttpResponse("lifted")

    assert site.post("/lift").status_code == 409
    assert not Group.objects.filter(name="lost").exists()


@pytest.mark.usefixtures("atomic_requests")
def test_models_are_undone_with_the_entities_of_a_refusal(site: Any) -> None:
    @site.view("lift")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        Group.objects.create(name="lost")
        return HttpResponse("no", status=409)

    site.post("/lift")

    assert not Group.objects.filter(name="lost").exists()


@pytest.mark.usefixtures("atomic_requests")
def test_a_refusal_without_entities_keeps_its_models_as_in_django(site: Any) -> None:
    @site.view("refuse")
    def view(request: HttpRequest) -> HttpResponse:
        Group.objects.create(name="kept")
        return HttpResponse("no", status=409)

    site.post("/refuse")

    assert Group.objects.filter(name="kept").exists()


@pytest.mark.usefixtures("atomic_requests")
def test_models_are_undone_by_an_exception(site: Any) -> None:
    @site.view("fail")
    def view(request: HttpRequest) -> HttpResponse:
        lift()
        Group.objects.create(name="lost")
        raise RuntimeError

    site.post("/fail")

    assert not Group.objects.filter(name="lost").exists()
    assert Crane.get("1").lifts == 0


@pytest.mark.usefixtures("atomic_requests")
def test_a_view_that_is_not_atomic_stays_so(site: Any) -> None:
    seen: list[bool] = []

    @site.view("free")
    @transaction.non_atomic_requests
    def view(request: HttpRequest) -> HttpResponse:
        seen.append(connection.in_atomic_block)
        return HttpResponse("free")

    site.post("/free")

    assert seen == [False]
