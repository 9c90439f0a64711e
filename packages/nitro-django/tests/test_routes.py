"""Nitro's own routes in Django's URL configuration."""

# mypy: disable-error-code="untyped-decorator"
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, get_resolver, resolve, reverse

from nitro_entities import Entity
from nitro_events import action, configure


class Barge(Entity):
    name: str
    tons: int = 0

    @action
    def load_up(self, by: int) -> None:
        self.tons += by


def test_a_declared_action_is_a_route(site: Any) -> None:
    @action
    def whisper(text: str) -> str:
        return text.lower()

    answer = site.post("/whisper", {"text": "HI"}, content_type="application/json")

    assert answer.json() == "hi"


def test_a_class_declared_after_the_start_is_reachable_and_has_names(site: Any) -> None:
    site.get("/nowhere")

    class Raft(Entity):
        name: str

    made = site.post("/rafts", {"name": "One"}, content_type="application/json")

    assert made.status_code == 201
    assert reverse("nitro:rafts.update", kwargs={"id": 7}) == "/rafts/7"


def test_arguments_are_checked_and_the_verb_is_enforced(site: Any) -> None:
    Barge(id="1", name="Anna").save()

    refused = site.post("/barges/1/load_up", {"by": "x"}, content_type="application/json")

    assert refused.status_code == 422
    assert site.ask("put", "/barges/1/load_up").status_code == 405


def test_names_reverse_to_urls(site: Any) -> None:
    site.start()

    assert reverse("nitro:barges.load_up", kwargs={"id": "a b"}) == "/barges/a%20b/load_up"
    with pytest.raises(NoReverseMatch):
        reverse("nitro:barges.nothing", kwargs={"id": 7})


def test_routes_have_the_configured_prefix(site: Any) -> None:
    configure(prefix="/app")
    Barge(id="1", name="Anna").save()

    answer = site.post("/app/barges/1/load_up", {"by": 2}, content_type="application/json")

    assert answer.status_code == 204 or answer.status_code == 200
    assert Barge.get("1").tons == 2
    assert reverse("nitro:barges.load_up", kwargs={"id": 1}) == "/app/barges/1/load_up"


def test_a_hand_written_view_wins_behind_nitro_too(site: Any) -> None:
    site.own()

    @site.view("barges/new")
    def mine(request: HttpRequest) -> HttpResponse:
        return HttpResponse("mine")

    @site.view("barges/<str:id>/edit")
    def edit(request: HttpRequest, id: str) -> HttpResponse:
        return HttpResponse(f"edit {id}")

    assert site.get("/barges/new").content == b"mine"
    assert site.get("/barges/7/edit").content == b"edit 7"


def test_a_path_that_nobody_has_is_a_404_of_django(site: Any) -> None:
    answer = site.get("/nowhere")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_django_knows_what_a_path_resolves_to(site: Any) -> None:
    site.start()

    found = resolve("/barges/1/load_up")

    assert found.app_names == ["nitro"]


def test_each_route_is_listed_in_the_url_configuration(site: Any) -> None:
    site.start()

    last: Any = get_resolver().url_patterns[-1]
    (own,) = last.url_patterns
    listed = {str(one.pattern): one.name for one in own.url_patterns}

    assert listed["barges/<str:id>/load_up"] == "barges.load_up"


def test_a_request_of_another_site_is_refused(site: Any) -> None:
    Barge(id="1", name="Anna").save()

    answer = site.post(
        "/barges/1/load_up",
        {"by": 2},
        content_type="application/json",
        headers={"sec-fetch-site": "cross-site"},
    )

    assert answer.status_code == 403
    assert Barge.get("1").tons == 0


def test_protect_all_refuses_other_sites_at_hand_written_views_too(site: Any) -> None:
    configure(protect_all=True)

    @site.view("act")
    def act(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.POST["a"])

    other = site.post("/act", {"a": 1}, headers={"sec-fetch-site": "cross-site"})

    assert other.status_code == 403
    assert site.post("/act", {"a": 1}).content == b"1"


def test_what_fails_in_an_action_is_told_by_an_id_only(
    site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @action
    def explode() -> None:
        raise RuntimeError("secret detail")

    answer = site.post("/explode", {}, content_type="application/json")

    assert answer.status_code == 500
    assert b"secret" not in answer.content
    assert answer.json()["id"] in caplog.text


def test_what_django_raises_in_an_action_keeps_its_status(site: Any) -> None:
    from django.core.exceptions import PermissionDenied
    from django.http import Http404

    @action
    def lost() -> None:
        raise Http404("no such Thing query")

    @action
    def locked() -> None:
        raise PermissionDenied

    missing = site.post("/lost", {}, content_type="application/json")

    assert missing.status_code == 404
    assert b"query" not in missing.content
    assert site.post("/locked", {}, content_type="application/json").status_code == 403
