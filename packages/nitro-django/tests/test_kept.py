"""State that a browser keeps for an application of Django."""

# mypy: disable-error-code="untyped-decorator"
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from nitro_entities import Entity
from nitro_entities.stores.browser import DatastarRepo
from nitro_events import action, configure

DATASTAR = {"datastar-request": "true", "sec-fetch-site": "same-origin"}


class Basket(Entity):
    _persistence_backend_class = DatastarRepo
    eggs: int = 0


def signals_in(answer: Any) -> dict[str, object]:
    found: dict[str, object] = {}
    for line in b"".join(answer).decode().splitlines():
        if line.startswith("data: signals "):
            found |= json.loads(line.removeprefix("data: signals "))
    return found


def ask(site: Any, url: str, signals: dict[str, object]) -> Any:
    answer = site.post(url, signals, content_type="application/json", headers=DATASTAR)
    assert answer.status_code == 200, answer.content
    return answer


def test_what_is_saved_goes_to_the_browser_and_comes_back(site: Any) -> None:
    configure(secret="a secret that is long enough for this")

    @site.view("lay")
    def lay(request: HttpRequest) -> HttpResponse:
        basket = Basket.get_or_none("mine") or Basket(id="mine")
        basket.eggs += 1
        basket.save()
        return JsonResponse({"eggs": basket.eggs})

    first = ask(site, "/lay", {})
    kept = signals_in(first)
    second = ask(site, "/lay", kept)

    assert first.headers["content-type"] == "text/event-stream"
    assert "nitro_browser" in first.cookies
    assert signals_in(second)["eggs"] == 2


def test_an_action_sends_it_with_its_own_answer(site: Any) -> None:
    configure(secret="a secret that is long enough for this")

    @action
    def fill_basket(eggs: int) -> None:
        Basket(id="mine", eggs=eggs).save()

    kept = signals_in(ask(site, "/fill_basket", {"eggs": 3}))

    assert "eggs" in json.dumps(kept)


def test_a_route_that_asks_for_nothing_kept_gets_nothing(site: Any) -> None:
    @site.view("plain")
    def plain(request: HttpRequest) -> HttpResponse:
        return HttpResponse("plain")

    answer = site.post("/plain", {}, content_type="application/json", headers=DATASTAR)

    assert answer.content == b"plain"
    assert not answer.cookies
