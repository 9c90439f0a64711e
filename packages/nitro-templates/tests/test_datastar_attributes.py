"""Every Datastar attribute that we write, in a browser with the client that we ship."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nitro_templates import assets
from nitro_templates.datastar import js
from nitro_templates.html import Element
from nitro_templates.tags import A, Button, Code, Div, Input, P, Pre, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Route
    from playwright.sync_api import Page as Tab

HOST = "http://nitro.test/"


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A page whose errors fail the test."""
    tab = browser.new_page()
    tab.set_default_timeout(5000)
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    yield tab
    tab.close()
    assert complaints == []


@pytest.fixture
def shown(tab: Tab) -> Callable[..., Tab]:
    """Show elements, with the client, and wait until it has read the last of them."""

    def show(*elements: Element) -> Tab:
        last = P(id="last", text=js("'read'"))
        body = "".join(str(element) for element in [*elements, last])
        client = assets.asset("datastar.js").body

        def answer(route: Route) -> None:
            if route.request.url.endswith("datastar.js"):
                route.fulfill(body=client, content_type="text/javascript")
            elif route.request.url == HOST:
                script = '<script type="module" src="/datastar.js"></script>'
                html = f"<!doctype html><head><link rel=icon href=data:,>{script}</head>{body}"
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            else:
                route.fulfill(status=204)

        tab.route("**/*", answer)
        tab.goto(HOST)
        wait(tab, "document.getElementById('last').textContent === 'read'")
        return tab

    return show


def wait(tab: Tab, condition: str) -> None:
    tab.wait_for_function(f"() => {condition}")


def text(tab: Tab, selector: str = "#x") -> str:
    found: str = tab.eval_on_selector(selector, "el => el.textContent")
    return found


def outcome(tab: Tab, expression: str) -> Any:
    return tab.evaluate(f"() => {{ const x = document.getElementById('x'); return {expression} }}")


X = {"id": "x"}


def test_text_shows_a_signal(shown: Callable[..., Tab]) -> None:
    tab = shown(Div(Span(**X, text=js("$n + 1")), signals={"n": 4}))

    assert text(tab) == "5"


def test_signals_if_missing_leave_the_ones_there_are(shown: Callable[..., Tab]) -> None:
    tab = shown(Div(signals={"n": 4}), Div(signals__ifmissing={"n": 9}), Span(**X, text=js("$n")))

    assert text(tab) == "4"


def test_bind_ties_an_input_to_a_signal_both_ways(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(Input(id="i", bind="a.name"), signals={"a": {"name": "Ann"}}),
        P(**X, text=js("$a.name")),
    )

    assert tab.input_value("#i") == "Ann"
    tab.fill("#i", "Ben")
    assert text(tab) == "Ben"


def test_show_hides(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"on": False}),
        P("x", **X, show=js("$on")),
        Button("b", on_click=js("$on = true")),
    )

    assert not tab.is_visible("#x")
    tab.click("button")
    assert tab.is_visible("#x")


def test_a_class_follows_an_expression_and_others_stay(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"on": False}),
        P(
            **X,
            cls={"card": True, "gone": False, "active": js("$on"), "md:Big_1/2": js("$on // yes")},
        ),
        Button("b", on_click=js("$on = !$on")),
    )

    assert outcome(tab, "x.className") == "card"
    tab.click("button")
    assert set(outcome(tab, "x.className").split()) == {"card", "active", "md:Big_1/2"}
    tab.click("button")
    assert outcome(tab, "x.className") == "card"


def test_a_style_follows_an_expression_and_others_stay(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"c": "rgb(1, 2, 3)"}),
        P(**X, style={"margin_top": "7px", "background_color": js("$c"), "--own": js("$c")}),
        Button("b", on_click=js("$c = 'rgb(4, 5, 6)'")),
    )

    assert outcome(tab, "[x.style.marginTop, x.style.backgroundColor]") == ["7px", "rgb(1, 2, 3)"]
    tab.click("button")
    assert outcome(tab, "x.style.backgroundColor") == "rgb(4, 5, 6)"
    assert outcome(tab, "x.style.getPropertyValue('--own')") == "rgb(4, 5, 6)"


@pytest.mark.parametrize(
    "given", [{"attr": {"title": js("$t")}}, {"attr_title": js("$t")}], ids=["attr", "attr_title"]
)
def test_an_attribute_follows_an_expression(
    given: dict[str, Any], shown: Callable[..., Tab]
) -> None:
    tab = shown(
        Div(signals={"t": "a\"'><b>"}), P(**X, **given), Button("b", on_click=js("$t = false"))
    )

    assert outcome(tab, "x.title") == "a\"'><b>"
    tab.click("button")
    assert outcome(tab, "x.hasAttribute('title')") is False


def test_several_attributes_follow_expressions(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"t": "T", "busy": True}),
        Button(**X, attr={"aria_label": js("$t"), "disabled": js("$busy"), "data-n": js("1")}),
    )

    assert outcome(tab, "[x.ariaLabel, x.disabled, x.dataset.n]") == ["T", True, "1"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " java\nscript:alert(1)", "data:text/html,x"], ids=ascii
)
def test_a_signal_cannot_lead_to_a_script(url: str, shown: Callable[..., Tab]) -> None:
    tab = shown(Div(signals={"u": url}), A("x", **X, attr_href=js("$u")))

    assert outcome(tab, "x.getAttribute('href')") == "#"


@pytest.mark.parametrize("url", ["/a?b=c", "https://x.org/", "mailto:a@b.c", ""])
def test_a_signal_may_lead_elsewhere(url: str, shown: Callable[..., Tab]) -> None:
    tab = shown(Div(signals={"u": url}), A("x", **X, attr={"href": js("$u")}))

    assert outcome(tab, "x.getAttribute('href')") == url


def test_computed_signals_follow_others(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"n": 2}),
        Div(computed={"twice": js("$n * 2"), "camelCase_1": js("$twice + 1 // and one")}),
        P(**X, text=js("$twice + '/' + $camelCase_1")),
        Button("b", on_click=js("$n = 5")),
    )

    assert text(tab) == "4/5"
    tab.click("button")
    assert text(tab) == "10/11"


def test_an_effect_runs_when_a_signal_changes(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"n": 1, "seen": 0}, effect=js("$seen = $n * 10")),
        P(**X, text=js("$seen")),
        Button("b", on_click=js("$n++")),
    )

    tab.click("button")
    assert text(tab) == "20"


def test_init_runs_once_at_the_start(shown: Callable[..., Tab]) -> None:
    tab = shown(Div(signals={"n": 1}), Div(init=js("$n = $n + 5")), P(**X, text=js("$n")))

    assert text(tab) == "6"


def test_init_can_wait(shown: Callable[..., Tab]) -> None:
    tab = shown(Div(signals={"n": 1}), Div(init__delay_2s=js("$n = 2")), P(**X, text=js("$n")))

    assert text(tab) == "1"
    wait(tab, "document.getElementById('x').textContent === '2'")


def test_an_interval_ticks(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"n": 0}, on_interval__duration_30ms=js("$n++")), P(**X, text=js("$n"))
    )

    wait(tab, "Number(document.getElementById('x').textContent) > 3")


def test_intersect_runs_when_the_element_comes_into_view(shown: Callable[..., Tab]) -> None:
    far = Div("far", id="far", style={"margin_top": "5000px"}, on_intersect__once=js("$seen++"))
    tab = shown(Div(signals={"seen": 0}), P(**X, text=js("$seen")), far)

    assert text(tab) == "0"
    tab.eval_on_selector("#far", "el => el.scrollIntoView()")
    wait(tab, "document.getElementById('x').textContent === '1'")


def test_a_change_of_some_signals_is_heard(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"a": {"b": 0}, "other": 0, "abc": 0}),
        Div(
            on_signal_patch=js("el.dataset.seen = JSON.stringify(patch)"),
            on_signal_patch_filter=["a.b"],
            **X,
        ),
        Button("o", id="o", on_click=js("$other++, $abc++")),
        Button("a", id="a", on_click=js("$a.b = 7")),
    )

    tab.click("#o")
    assert outcome(tab, "x.dataset.seen ?? null") is None
    tab.click("#a")
    assert json.loads(outcome(tab, "x.dataset.seen")) == {"a": {"b": 7}}


def test_a_filter_can_leave_out(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"a": 0, "other": 0}),
        Div(
            on_signal_patch=js("el.dataset.seen = '1'"),
            on_signal_patch_filter={"exclude": "other"},
            **X,
        ),
        Button("o", id="o", on_click=js("$other++")),
        Button("a", id="a", on_click=js("$a++")),
    )

    tab.click("#o")
    assert outcome(tab, "x.dataset.seen ?? null") is None
    tab.click("#a")
    assert outcome(tab, "x.dataset.seen") == "1"


def test_a_ref_names_the_element(shown: Callable[..., Tab]) -> None:
    tab = shown(Code(ref="box"), P(**X, text=js("$box.tagName")))

    assert text(tab) == "CODE"


def test_an_indicator_is_true_while_a_request_is_under_way(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Button("b", on_click=js("@get('/slow')"), indicator="busy"),
        P(**X, data_log="", effect=js("el.dataset.log += $busy ? 'b' : '-'")),
    )

    tab.click("button")
    wait(tab, "document.getElementById('x').dataset.log === '-b-'")


def test_an_ignored_element_is_left_alone(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(P("kept", id="x", text=js("1")), ignore=True),
        Div(P("old", id="y", text=js("2")), text=js("3"), ignore="self"),
    )

    assert text(tab) == "kept"
    assert text(tab, "#y") == "2"


def send_patch(tab: Tab, element: Element) -> None:
    body = f"event: datastar-patch-elements\ndata: elements {element}\n\n"
    tab.route("**/patch?*", lambda r: r.fulfill(body=body, content_type="text/event-stream"))
    tab.click("#patch")
    wait(tab, "document.getElementById('n').textContent === 'new'")


def test_a_patch_leaves_what_ignores_the_morph(shown: Callable[..., Tab]) -> None:
    def made(said: str) -> Element:
        return Div(P(said, id="n"), P(said, **X, ignore_morph=True), id="box")

    tab = shown(made("old"), Button("p", id="patch", on_click=js("@get('/patch')")))
    send_patch(tab, made("new"))

    assert text(tab) == "old"


def test_a_patch_keeps_preserved_attributes(shown: Callable[..., Tab]) -> None:
    def made(said: str) -> Element:
        return Div(
            P(said, id="n"), P(**X, title=said, lang="en", preserve_attr=["title"]), id="box"
        )

    tab = shown(made("old"), Button("p", id="patch", on_click=js("@get('/patch')")))
    tab.eval_on_selector("#x", "el => { el.title = 'mine'; el.lang = 'de' }")
    send_patch(tab, made("new"))

    assert outcome(tab, "[x.title, x.lang]") == ["mine", "en"]


def test_signals_can_be_seen_as_json(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"a": 1, "b": 2}),
        Pre(**X, json_signals__terse=["a"]),
        Pre(id="all", json_signals=True),
    )

    assert text(tab) == '{"a":1}'
    assert json.loads(text(tab, "#all")) == {"a": 1, "b": 2}


def test_a_click_is_heard_once_only(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"n": 0}), Button("b", on_click__once=js("$n++")), P(**X, text=js("$n"))
    )

    tab.click("button")
    tab.click("button")
    assert text(tab) == "1"


def test_typing_is_heard_when_it_pauses(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"n": 0}), Input(on_input__debounce_200ms=js("$n++")), P(**X, text=js("$n"))
    )

    # asked in the same breath: 200 ms are soon over on a busy machine
    typed = "for (const _ of 'abc') el.dispatchEvent(new Event('input'))"
    assert tab.eval_on_selector("input", f"el => {{ {typed}; return x.textContent }}") == "0"
    wait(tab, "document.getElementById('x').textContent === '1'")


def test_a_throttled_event_fires_at_the_end(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"n": 0}),
        Button("b", on_click__throttle_200ms_noleading_trailing=js("$n++")),
        P(**X, text=js("$n")),
    )

    # asked in the same breath: 200 ms are soon over on a busy machine
    at_once = "el => { el.click(); el.click(); el.click(); return x.textContent }"
    assert tab.eval_on_selector("button", at_once) == "0"
    wait(tab, "document.getElementById('x').textContent === '1'")


def test_an_event_of_ones_own_and_of_the_window_is_heard(shown: Callable[..., Tab]) -> None:
    tab = shown(
        Div(signals={"n": 0}, on_my_event=js("$n++"), on_resize__window=js("$n += 10"), id="d"),
        P(**X, text=js("$n")),
    )

    tab.evaluate(
        "() => { d.dispatchEvent(new Event('my-event')); dispatchEvent(new Event('resize')) }"
    )
    assert text(tab) == "11"


def test_hostile_values_are_only_values(
    shown: Callable[..., Tab], hostile_list: list[str]
) -> None:
    """Signals, classes, styles and attributes made of anything stop nothing on the page."""
    shows = [
        Div(
            P(text=js("$now"), cls="value", data_n=n, title=value),
            Div(cls={value: js("true"), "x": True}, style={"color": value, "width": js("$now")}),
            Div(cls=[value], data_note=value, aria_label=value, style=value),
            A(value, href=value, attr_title=js("$now")),
            signals={"now": value, f"s{n}": {"deep": [value]}, "names": {value.strip("_"): n}},
        )
        for n, value in enumerate(hostile_list)
        if "__proto__" not in value
    ]
    tab = shown(*[Div(signals={"now": ""}), *shows, Pre(**X, json_signals=True)])

    found = json.loads(text(tab))
    assert [found[f"s{n}"]["deep"][0] for n in range(len(hostile_list))] == hostile_list
    assert tab.evaluate("() => document.querySelectorAll('script, img, svg').length") == 1
    assert tab.eval_on_selector_all(".value", "all => all.map(el => el.title)") == hostile_list
