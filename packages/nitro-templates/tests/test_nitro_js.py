"""The page shell and nitro.js in a real browser, against a hand-made server."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from nitro_templates import assets, shell
from nitro_templates.component import Component
from nitro_templates.context import LiveView, RenderContext, rendering
from nitro_templates.datastar import js
from nitro_templates.html import Element, Tag
from nitro_templates.page import Page
from nitro_templates.tags import (
    A,
    Button,
    Div,
    Fragment,
    Input,
    Label,
    Li,
    Nav,
    P,
    Ul,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.sync_api import Browser, ConsoleMessage
    from playwright.sync_api import Page as Tab

if os.environ.get("NITRO_REQUIRE_SERVICES") != "1":  # else a missing one is an error
    pytest.importorskip("uvicorn")
    pytest.importorskip("starlette")

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

Form = Tag("form")


class ItemsView:
    key = "items"
    topics = frozenset({"Item"})

    def render(self) -> str:
        return ""


class LiveRegion(Component):
    """Stands for a live table: has a view and an element."""

    def __init__(self, element: Element) -> None:
        self.element = element

    def build(self, context: RenderContext) -> Element:
        return self.element

    def views(self, context: RenderContext) -> list[LiveView]:
        return [ItemsView()]


def frame(
    html: Element, *, mode: str = "outer", selector: str = "", id: int | None = None
) -> bytes:
    lines = ["event: datastar-patch-elements"]
    lines += [f"id: {id}"] if id is not None else []
    lines += [f"data: mode {mode}"]
    lines += [f"data: selector {selector}"] if selector else []
    lines += [f"data: elements {line}" for line in str(html).splitlines()]
    return ("\n".join(lines) + "\n\n").encode()


class Site:
    """A list with a search, pages, a dialog and a stream, and a log of what was asked."""

    def __init__(self) -> None:
        self.names = [f"Item {n}" for n in range(30)]
        self.position = 100
        self.streams: list[dict[str, Any]] = []
        self.queues: dict[int, asyncio.Queue[bytes | None]] = {}
        self.posts: list[tuple[str, dict[str, str]]] = []
        self.on_post = "saved"
        self.delay = 0.0
        self.loop: asyncio.AbstractEventLoop | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/items", self.items),
                Route("/plain", self.plain),
                Route("/items/{id}/edit", self.edit),
                Route("/items/{id}", self.save, methods=["POST"]),
                Route("/broken", self.broken),
                Route("/_nitro/{rest:path}", self.file),
            ]
        )

    def start(self) -> None:
        config = uvicorn.Config(
            self.app(),
            host="127.0.0.1",
            port=self.port,
            log_level="error",
            lifespan="off",
            timeout_graceful_shutdown=0,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def _serve(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self.server.serve()

        asyncio.run(serve())

    def stop(self) -> None:
        """End at once, streams included."""
        assert self.loop is not None
        self.server.should_exit = self.server.force_exit = True
        for queue in list(self.queues.values()):
            self.loop.call_soon_threadsafe(queue.put_nowait, None)
        self.thread.join(5)
        assert not self.thread.is_alive()

    async def file(self, request: Request) -> Response:
        found = assets.find(request.url.path)
        if found is None:
            return Response(status_code=404)
        return Response(found.body, media_type=found.content_type)

    def region(self, request: Request) -> Element:
        query = request.query_params
        names = [n for n in self.names if query.get("q", "").lower() in n.lower()]
        start = int(query.get("after") or 0)
        here = f"/items?q={query.get('q', '')}&after="
        return Div(
            P(f"{len(names)} found", role="status", id="count", cls="nitro-count"),
            Ul(Li(n, id=f"item-{i}") for i, n in enumerate(names[start : start + 5])),
            Nav(
                A("Previous", href=f"{here}{start - 5}", data_nitro_view=True, id="previous")
                if start
                else None,
                A("Next", href=f"{here}{start + 5}", data_nitro_view=True, id="next"),
            ),
            A("Edit", href="/items/3/edit", data_nitro_dialog=True, id="edit"),
            id="items-view",
        )

    async def items(self, request: Request) -> Response:
        if "nitro-live" in request.headers:
            return self.stream(request)
        toolbar = Form(
            Label("Search", Input(name="q", type="search", value=request.query_params.get("q"))),
            Input(type="hidden", name="sort", value="name"),
            Button("Go", type="submit"),
            method="get",
            action="/items",
            data_nitro_view=True,
            cls="nitro-search",
            id="search",
        )

        page = Page(toolbar, LiveRegion(self.region(request)), title="Items")
        return self.answer(request, page)

    def answer(self, request: Request, page: Page) -> Response:
        context = RenderContext(
            path=request.url.path, url=str(request.url), live=True, cursor=str(self.position)
        )
        with rendering(context):
            if "nitro-dialog" in request.headers:
                return self.events(frame(page.for_dialog()))
            return HTMLResponse(str(page), headers={"Cache-Control": "no-store"})

    def events(self, *frames: bytes) -> Response:
        return Response(
            b"".join(frames), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    def stream(self, request: Request) -> Response:
        query = {k: v for k, v in request.query_params.items() if k != "datastar"}
        entry: dict[str, Any] = {
            "query": query,
            "cursor": request.headers["nitro-live"],
            "last": request.headers.get("last-event-id"),
            "closed": False,
        }
        self.streams.append(entry)

        async def body() -> AsyncIterator[bytes]:
            queue: asyncio.Queue[bytes | None] = asyncio.Queue()
            self.queues[id(entry)] = queue
            try:
                yield b"retry: 400\n\n"
                if entry["cursor"] != str(self.position) and entry["last"] != str(self.position):
                    yield frame(self.region(request), id=self.position)
                while (item := await queue.get()) is not None:
                    yield item if item else frame(self.region(request), id=self.position)
            finally:
                entry["closed"] = True
                self.queues.pop(id(entry), None)

        return StreamingResponse(
            body(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    def push(self, item: bytes = b"") -> None:
        """Send *item* on every open stream, or the region as it is now."""
        assert self.loop is not None
        for queue in list(self.queues.values()):
            self.loop.call_soon_threadsafe(queue.put_nowait, item)

    def form(self, **attributes: object) -> Element:
        return Form(
            Label("Name", Input(name="name", value="Item 3", **attributes)),
            Label("Action", Input(name="action", value="a field of this name")),
            Button("Save", type="submit", cls="nitro-button primary"),
            method="post",
            action="/items/3",
            novalidate=True,
            id="item-form",
            on_submit=js("@post(nitro.action(el), nitro.form(el))"),
        )

    async def edit(self, request: Request) -> Response:
        await asyncio.sleep(self.delay)
        return self.answer(request, Page(self.form(), title="Edit item"))

    async def plain(self, request: Request) -> Response:
        return self.answer(
            request,
            Page(
                A("Next", href="/plain?after=5", data_nitro_view=True, id="next"),
                A("Broken", href="/broken", data_nitro_dialog=True, id="broken"),
                title="Plain",
            ),
        )

    async def broken(self, request: Request) -> Response:
        return HTMLResponse("<h1>Not yours</h1>", status_code=403)

    async def save(self, request: Request) -> Response:
        fields = {k: str(v) for k, v in (await request.form()).items()}
        self.posts.append((request.headers.get("nitro-dialog", ""), fields))
        if self.on_post == "refused":
            return self.events(frame(self.form(aria_invalid=True)))
        if self.on_post == "elsewhere":
            return self.events(frame(shell.go_to("/items?q=9", message="Saved <b>it</b>")))
        if self.on_post == "evil":
            return self.events(
                frame(Div(A("x", href="//evil.invalid/", init=js("nitro.go(el)")), id="nitro-go"))
            )
        self.names[3] = fields["name"]
        done = shell.toast(f"Saved {fields['name']}")
        return self.events(
            frame(done, mode="append", selector="#nitro-toasts"), frame(shell.dialog_closed())
        )


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    made.start()
    yield made
    if made.thread.is_alive():
        made.stop()


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    page = context.new_page()
    page.set_default_timeout(5000)
    errors: list[str] = []
    allowed: list[str] = []
    page.allowed = allowed  # type: ignore[attr-defined]

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            errors.append(message.text)

    page.on("pageerror", lambda error: errors.append(f"pageerror {error}"))
    page.on("console", on_console)
    yield page
    context.close()
    assert [e for e in errors if not any(a in e for a in allowed)] == []


UNREACHABLE = ["net::ERR_", "Failed to fetch", "network error", "Datastar failed to reach"]


def wait_for(condition: Any, seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def wait_in(tab: Tab, condition: Any, seconds: float = 3.0) -> None:
    """Wait for the server's side while the browser's events keep coming in."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        tab.wait_for_timeout(10)


def opened(site: Site, tab: Tab, path: str = "/items") -> None:
    tab.goto(site.url + path)
    wait_in(tab, lambda: len(site.queues) == 1)


def test_the_stream_opens_once_and_shows_what_changes(site: Site, tab: Tab) -> None:
    opened(site, tab)
    site.names[0] = "<img src=x onerror=alert(1)>"
    site.position += 1
    site.push()

    tab.locator("#item-0", has_text="<img src=x").wait_for()

    assert len(site.streams) == 1
    assert site.streams[0]["cursor"] == "100"
    assert tab.locator("#nitro-live").get_attribute("data-state") == "live"


def test_an_empty_signal_patch_is_enough_to_know_that_the_stream_stands(
    site: Site, tab: Tab
) -> None:
    opened(site, tab)
    tab.locator("#nitro-live[data-state=connecting]").wait_for(state="attached")
    site.push(b"event: datastar-patch-signals\ndata: signals {}\n\n")

    tab.locator("#nitro-live[data-state=live]").wait_for(state="attached")


def test_a_view_link_reopens_the_stream_at_the_new_url(site: Site, tab: Tab) -> None:
    opened(site, tab)
    tab.click("#next")

    tab.locator("#item-0", has_text="Item 5").wait_for()
    wait_in(tab, lambda: site.streams[0]["closed"])

    assert [s["query"] for s in site.streams] == [{}, {"q": "", "after": "5"}]
    assert site.streams[1]["cursor"] == "!100"  # the state of the other view, all patches
    assert tab.evaluate("location.search") == "?q=&after=5"
    assert len(site.queues) == 1


def test_typing_waits_and_keeps_focus_and_text(site: Site, tab: Tab) -> None:
    opened(site, tab, "/items?after=5")
    tab.locator("input[name=q]").press_sequentially("item 2", delay=20)

    tab.locator("#count", has_text="11 found").wait_for()

    assert tab.evaluate("document.activeElement.name") == "q"
    assert tab.locator("input[name=q]").input_value() == "item 2"
    assert len(site.streams) < 1 + len("item 2")  # one, unless the machine types slowly
    assert site.streams[-1]["query"] == {"q": "item 2"}
    assert tab.evaluate("history.length") == 2


def test_a_submitted_search_does_not_load_the_page_again(site: Site, tab: Tab) -> None:
    opened(site, tab)
    tab.evaluate("window.same = true")
    tab.fill("input[name=q]", "29")
    tab.press("input[name=q]", "Enter")

    tab.locator("#count", has_text="1 found").wait_for()

    assert tab.evaluate("window.same")


def test_the_back_button_brings_the_old_view_and_search_text(site: Site, tab: Tab) -> None:
    opened(site, tab, "/items?q=item")
    tab.click("#next")
    tab.locator("#item-0", has_text="Item 5").wait_for()
    tab.fill("input[name=q]", "29")
    tab.locator("#count", has_text="1 found").wait_for()
    tab.go_back()

    tab.locator("#item-0", has_text="Item 0").wait_for()

    assert tab.locator("input[name=q]").input_value() == "item"
    wait_in(tab, lambda: len(site.queues) == 1)


def test_without_a_stream_view_links_are_ordinary_links(site: Site, tab: Tab) -> None:
    tab.goto(site.url + "/plain")
    tab.click("#next")
    tab.wait_for_url("**/plain?after=5")

    assert site.streams == []


def test_the_dialog_opens_by_keyboard_and_focus_returns(site: Site, tab: Tab) -> None:
    opened(site, tab)
    tab.focus("#edit")
    tab.keyboard.press("Enter")
    tab.locator("#nitro-dialog[open] h2", has_text="Edit item").wait_for()

    assert tab.evaluate("document.activeElement.name") == "name"

    tab.keyboard.press("Escape")
    tab.locator("#nitro-dialog").wait_for(state="hidden")
    tab.wait_for_function("document.activeElement.id == 'edit'")


def test_saving_in_the_dialog_closes_it_and_shows_a_toast(site: Site, tab: Tab) -> None:
    opened(site, tab)
    for turn in ("one", "two"):
        tab.click("#edit")
        tab.locator("#nitro-dialog[open]").wait_for()
        tab.fill("#item-form [name=name]", f"<i>{turn}</i>")
        tab.keyboard.press("Enter")
        tab.locator("#nitro-dialog").wait_for(state="hidden")
        tab.locator(".nitro-toast", has_text=f"Saved <i>{turn}</i>").wait_for()

    assert [p for p, _ in site.posts] == ["true", "true"]
    assert site.posts[1][1]["name"] == "<i>two</i>"


@pytest.mark.parametrize("how", ["click", "Escape"])
def test_a_toast_can_be_sent_away(site: Site, tab: Tab, how: str) -> None:
    opened(site, tab)
    tab.evaluate("nitro.toast('Please reload', 'error', true)")
    toast = tab.locator(".nitro-toast")
    if how == "click":
        toast.get_by_role("button", name="Close message").click()
    else:
        tab.keyboard.press(how)

    toast.wait_for(state="detached")


def test_a_refused_form_stays_open_with_what_was_typed(site: Site, tab: Tab) -> None:
    site.on_post = "refused"
    opened(site, tab)
    tab.click("#edit")
    tab.locator("#nitro-dialog[open]").wait_for()
    tab.fill("#item-form [name=name]", "typed")
    tab.click("#item-form button")
    tab.locator("#item-form [aria-invalid=true]").wait_for()

    assert tab.locator("#nitro-dialog[open]").count() == 1
    assert tab.locator("#item-form [name=name]").input_value() == "typed"


def test_the_close_button_closes_and_empties_the_dialog(site: Site, tab: Tab) -> None:
    opened(site, tab)
    tab.click("#edit")
    tab.locator("#nitro-dialog[open]").wait_for()
    tab.click(".nitro-close")
    tab.locator("#nitro-dialog").wait_for(state="hidden")

    # the close event, which empties it, comes a moment after the dialog is gone
    tab.wait_for_function("() => document.getElementById('nitro-dialog-content').innerHTML === ''")


def test_two_quick_clicks_open_one_dialog_that_works(site: Site, tab: Tab) -> None:
    site.delay = 0.2
    opened(site, tab)
    tab.evaluate("for (const turn of [1, 2]) document.getElementById('edit').click()")
    tab.locator("#nitro-dialog[open] #item-form").wait_for()
    tab.fill("#item-form [name=name]", "x")
    tab.wait_for_timeout(400)

    assert tab.locator("#item-form [name=name]").input_value() == "x"


def test_a_page_that_the_dialog_may_not_show_is_visited(site: Site, tab: Tab) -> None:
    tab.allowed.extend(["403", "404"])  # type: ignore[attr-defined]  # that page has no icon
    tab.goto(site.url + "/plain")
    tab.click("#broken")
    tab.locator("h1", has_text="Not yours").wait_for()

    assert tab.url.endswith("/broken")


def test_on_a_plain_page_success_leads_to_another_page(site: Site, tab: Tab) -> None:
    site.on_post = "elsewhere"
    tab.goto(site.url + "/items/3/edit")
    tab.click("#item-form button")
    tab.wait_for_url("**/items?q=9")

    tab.locator(".nitro-toast", has_text="Saved <b>it</b>").wait_for()
    assert site.posts[0][0] == ""


def test_a_foreign_url_is_not_followed(site: Site, tab: Tab) -> None:
    site.on_post = "evil"
    tab.goto(site.url + "/items/3/edit")
    tab.click("#item-form button")
    wait_in(tab, lambda: site.posts)
    tab.wait_for_timeout(300)

    assert tab.url == site.url + "/items/3/edit"


def test_the_stream_comes_back_after_the_server_was_killed(site: Site, tab: Tab) -> None:
    tab.allowed.extend(UNREACHABLE)  # type: ignore[attr-defined]
    opened(site, tab)
    tab.fill("#search [name=q]", "")
    site.stop()
    tab.locator("#nitro-live[data-state=reconnecting]").wait_for(state="attached")
    tab.locator("#nitro-connection", has_text="Connection lost").wait_for()
    tab.wait_for_timeout(1500)
    site.names[0] = "while you were away"
    site.position += 5
    site.start()
    began = time.monotonic()

    tab.locator("#item-0", has_text="while you were away").wait_for()

    assert time.monotonic() - began < 2
    assert tab.locator("#nitro-connection").is_hidden()
    assert tab.locator("#nitro-live").get_attribute("data-state") == "live"


def test_a_post_to_a_dead_server_is_not_repeated(site: Site, tab: Tab) -> None:
    tab.allowed.extend(UNREACHABLE)  # type: ignore[attr-defined]
    tab.goto(site.url + "/items/3/edit")
    tab.fill("#item-form [name=name]", "typed")
    site.stop()
    tab.click("#item-form button")
    tab.locator(".nitro-toast.error", has_text="cannot be reached").wait_for()
    site.start()
    tab.wait_for_timeout(2500)

    assert site.posts == []
    assert tab.locator("#item-form [name=name]").input_value() == "typed"

    tab.click("#item-form button")
    wait_in(tab, lambda: len(site.posts) == 1)


@pytest.mark.parametrize("shown", [True, False])
def test_the_reset_marker_reloads_the_page(site: Site, tab: Tab, shown: bool) -> None:
    opened(site, tab)
    tab.evaluate("window.old = true")
    marker = Div(id="nitro-live-reset", hidden=not shown, data_nitro_reset=True)
    site.push(frame(marker))

    tab.wait_for_function("!window.old")
    wait_in(tab, lambda: len(site.queues) == 1)


def test_the_reset_marker_spares_a_half_typed_form(site: Site, tab: Tab) -> None:
    opened(site, tab)
    tab.evaluate("window.old = true")
    tab.click("#edit")
    tab.locator("#nitro-dialog[open]").wait_for()
    tab.fill("#item-form [name=name]", "half ty")
    site.push(frame(Div(id="nitro-live-reset")))

    tab.locator(".nitro-toast.error", has_text="Reload").wait_for()

    assert tab.evaluate("window.old")
    assert tab.locator("#item-form [name=name]").input_value() == "half ty"


def test_typed_text_survives_a_killed_server_and_a_patch(site: Site, tab: Tab) -> None:
    tab.allowed.extend(UNREACHABLE)  # type: ignore[attr-defined]
    opened(site, tab)
    tab.click("#edit")
    tab.locator("#nitro-dialog[open]").wait_for()
    tab.fill("#item-form [name=name]", "half ty")
    site.stop()
    tab.wait_for_timeout(300)
    site.position += 1
    site.names[1] = "changed"
    site.start()
    tab.locator("#item-1", has_text="changed").wait_for(state="attached")

    assert tab.locator("#item-form [name=name]").input_value() == "half ty"
    assert tab.evaluate("document.activeElement.name") == "name"


HOSTILE = [
    "</script><script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "@in(alert(1)+ @get('/x') $x ; `${alert(1)}` \\",
    "a\\",
    "\U0001f595JS_$'DS\U0001f680);alert(1);//",
    "\U0001f595JS_$`DS\U0001f680",
    "x\u2028y\u2029z\x00",
    '"; alert(1); "',
    "return /* // ",
    "{{7*7}}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_signals_reach_the_page_as_they_are(site: Site, tab: Tab, text: str) -> None:
    wanted = text.replace("\x00", "\ufffd") if "\x00" in text else text
    fired: list[str] = []
    tab.on("dialog", lambda dialog: fired.append(dialog.message))
    body = Fragment(
        Div(signals={"user": {"text": text, text.replace(".", ""): [text]}}, id="s"),
        Div(text=js("$user.text"), id="seen"),
        Div(data_plain=text, text=js("el.dataset.plain"), id="plain"),
    )
    with rendering(RenderContext(live=True)):
        html = str(Page(body, title=text))
    tab.route(
        "**/hostile",
        lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"),
    )
    tab.goto(site.url + "/hostile")
    tab.wait_for_function("document.getElementById('seen').textContent != ''")

    assert tab.locator("#seen").evaluate("el => el.textContent") == text
    assert tab.locator("#plain").evaluate("el => el.textContent") == wanted
    assert tab.evaluate("document.title") == " ".join(wanted.split(" ")).strip()
    assert fired == []
    assert tab.locator("img, main script").count() == 0


@pytest.mark.parametrize("token", [None, "signed"])
def test_a_click_carries_the_token_of_its_page(site: Site, tab: Tab, token: str | None) -> None:
    sent: list[str | None] = []
    click = js("@post(nitro.target(el), nitro.call(el))")
    button = Button("Go", id="go", data_nitro_url="/go", data_nitro_arguments="{}", on_click=click)
    with rendering(RenderContext(live=True, token=None if token is None else lambda: token)):
        html = str(Page(button, title="Click"))
    kind = "text/html; charset=utf-8"
    tab.route("**/click", lambda route: route.fulfill(body=html, content_type=kind))

    def done(route: Any) -> None:
        sent.append(route.request.headers.get("nitro-token"))
        route.fulfill(status=204)

    tab.route("**/go", done)
    tab.goto(site.url + "/click")
    tab.locator("#go").click()

    wait_in(tab, lambda: bool(sent))
    assert sent == [token]
