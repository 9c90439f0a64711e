"""`NitroResponse`: what a return can not say."""

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from nitro_events import patch_signals
from nitro_starlette import NitroResponse, install


class Bold:
    def __html__(self) -> str:
        return "<b>bold</b>"


def answer(response: Response) -> object:
    def endpoint(request: Request) -> Response:
        return response

    return TestClient(install(Starlette(routes=[Route("/", endpoint)]))).get("/")


def test_it_has_a_status_headers_and_cookies() -> None:
    response = NitroResponse(Bold(), status_code=201, headers={"x-mine": "1"})
    response.set_cookie("seen", "yes")
    response.set_cookie("and", "this")

    got = answer(response)

    assert got.status_code == 201  # type: ignore[attr-defined]
    assert got.text == "<b>bold</b>"  # type: ignore[attr-defined]
    assert got.headers["x-mine"] == "1"  # type: ignore[attr-defined]
    assert dict(got.cookies) == {"seen": "yes", "and": "this"}  # type: ignore[attr-defined]
    assert got.headers.get_list("content-length") == ["11"]  # type: ignore[attr-defined]


def test_its_background_task_runs_after_the_answer() -> None:
    done: list[str] = []

    answer(NitroResponse({"a": 1}, background=BackgroundTask(done.append, "task")))

    assert done == ["task"]


def test_patches_have_status_200_which_alone_datastar_reads() -> None:
    got = answer(NitroResponse(patch_signals({"a": 1}), status_code=422))

    assert got.status_code == 200  # type: ignore[attr-defined]


def test_without_nitro_it_says_what_is_missing() -> None:
    def endpoint(request: Request) -> Response:
        return NitroResponse(Bold())

    http = TestClient(Starlette(routes=[Route("/", endpoint)]))

    with pytest.raises(RuntimeError, match=r"nitro\.install\(app\)"):
        http.get("/")
