"""The bytes of patches are those that the official SDKs write.

The facts of the official cases are told here in our own words. The cases themselves are run where
NITRO_SDK_CASES names the folder that holds them (``sdk/tests/golden`` of Datastar).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from nitro_events.http.inputs import read_signals
from nitro_events.http.request import Request
from nitro_events.patches import Patch, patch_elements, patch_signals, remove_elements
from nitro_events.scripts import patch_script

FOLDER = os.environ.get("NITRO_SDK_CASES", "")
CASES = sorted(Path(FOLDER).glob("*/*/input.json")) if FOLDER else []


def snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def written(event: dict[str, Any]) -> bytes:
    """Write an event of a case with our functions."""
    given = {snake(name): value for name, value in event.items()}
    kind = given.pop("type")
    id, retry = given.pop("event_id", None), given.pop("retry_duration", None)
    return _patch(kind, given).encode(id, retry=retry)


def _patch(kind: str, given: dict[str, Any]) -> Patch:
    if kind == "patchSignals":
        signals = given["signals-raw"] if "signals-raw" in given else given["signals"]
        return patch_signals(signals, given.get("only_if_missing", False))
    if kind == "executeScript":
        attributes = given.get("attributes")
        keep = not given.get("auto_remove", True)
        return patch_script(given["script"], attributes=attributes, keep=keep)
    if given.get("mode") == "remove" and not given.get("elements"):
        transition = given.get("use_view_transition", False)
        return patch_elements(
            "", selector=given["selector"], mode="remove", view_transition=transition
        )
    return patch_elements(
        given["elements"],
        selector=given.get("selector"),
        mode=given.get("mode", "outer"),
        namespace=given.get("namespace"),
        view_transition=given.get("use_view_transition", False),
    )


class Tags(HTMLParser):
    """The parts of markup, attributes sorted."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[object] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, sorted(attrs, key=str)))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def events_in(text: str) -> list[dict[str, Any]]:
    """Read events as the official test runner compares them."""
    found: list[dict[str, Any]] = []
    for block in re.split(r"\n\n+", text.strip()):
        event: dict[str, Any] = {"data": defaultdict(list)}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                group, _, rest = value.partition(" ")
                event["data"][group].append(rest)
            else:
                event[name] = value
        lines = event["data"].pop("elements", None)
        if lines is not None:
            event["elements"] = Tags("\n".join(lines)).parts
        found.append(event)
    return found


@pytest.mark.skipif(not CASES, reason="NITRO_SDK_CASES names no folder with cases")
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_an_official_case_is_written_as_it_should_be(case: Path) -> None:
    events = json.loads(case.read_text())["events"]
    expected = case.with_name("output.txt").read_text()

    found = b"".join([written(event) for event in events]).decode()

    assert events_in(found) == events_in(expected)


OWN: list[tuple[dict[str, Any], str]] = [
    (
        {"type": "patchElements", "elements": "<p id=a>x</p>"},
        "event: datastar-patch-elements\ndata: elements <p id=a>x</p>",
    ),
    (
        {"type": "patchElements", "elements": "<p>1</p>", "mode": "inner", "selector": "#a",
         "useViewTransition": True, "eventId": "e7", "retryDuration": 500},
        "event: datastar-patch-elements\nid: e7\nretry: 500\ndata: mode inner\n"
        "data: selector #a\ndata: useViewTransition true\ndata: elements <p>1</p>",
    ),
    (
        {"type": "patchElements", "elements": "<ul>\n <li>1</li>\n</ul>"},
        "event: datastar-patch-elements\ndata: elements <ul>\ndata: elements  <li>1</li>\n"
        "data: elements </ul>",
    ),
    (
        {"type": "patchElements", "elements": "<g/>", "namespace": "svg"},
        "event: datastar-patch-elements\ndata: namespace svg\ndata: elements <g/>",
    ),
    (
        {"type": "patchElements", "mode": "remove", "selector": "#a, #b"},
        "event: datastar-patch-elements\ndata: mode remove\ndata: selector #a, #b",
    ),
    (
        {"type": "patchSignals", "signals": {"a": 1, "b": {"c": None}}, "onlyIfMissing": True},
        'event: datastar-patch-signals\ndata: onlyIfMissing true\n'
        'data: signals {"a":1,"b":{"c":null}}',
    ),
    (
        {"type": "patchSignals", "signals": {"text": "two\nlines"}},
        'event: datastar-patch-signals\ndata: signals {"text":"two\\nlines"}',
    ),
    (
        {"type": "patchSignals", "signals-raw": '{"a":\n1}', "eventId": "e8"},
        'event: datastar-patch-signals\nid: e8\ndata: signals {"a":\ndata: signals 1}',
    ),
    (
        {"type": "executeScript", "script": "if (a) {\n b()\n}"},
        'event: datastar-patch-elements\ndata: mode append\ndata: selector body\n'
        'data: elements <script data-effect="el.remove()">if (a) {\ndata: elements  b()\n'
        "data: elements }</script>",
    ),
    (
        {"type": "executeScript", "script": "a()", "autoRemove": False,
         "attributes": {"type": "module", "async": "true"}},
        'event: datastar-patch-elements\ndata: mode append\ndata: selector body\n'
        'data: elements <script async="true" type="module">a()</script>',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), OWN)
def test_patches_are_written_as_the_official_ones_are(
    event: dict[str, Any], expected: str
) -> None:
    assert events_in(written(event).decode()) == events_in(expected)


def test_several_events_follow_each_other() -> None:
    both = patch_elements("<p id=a/>").encode() + patch_signals({"a": 1}).encode()

    assert [event["event"] for event in events_in(both.decode())] == [
        "datastar-patch-elements",
        "datastar-patch-signals",
    ]


def test_an_optional_field_is_left_out_and_not_written_with_its_default() -> None:
    text = patch_elements("<p id=a/>", mode="outer", namespace="html").encode() + (
        remove_elements("#a").encode()
    )
    for word in (b"outer", b"namespace", b"useViewTransition", b"retry", b"id:", b"onlyIfMissing"):
        assert word not in text


@pytest.mark.parametrize("raw", ["[1]", "NaN", '{"a":NaN}', "{", "1", "alert(1)", '{"a":1}x'])
def test_raw_signals_are_json_or_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|Extra"):
        patch_signals(raw)


async def _signals(method: str, query: str, body: bytes) -> Any:
    headers = {"datastar-request": "true", "content-type": "application/json"}
    return await read_signals(Request(method, "/", query_string=query, headers=headers, body=body))


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "PUT", "PATCH"])
def test_signals_are_read_from_where_the_verb_puts_them(method: str) -> None:
    in_query = method in ("GET", "DELETE")
    query = "datastar=%7B%22a%22%3A%7B%22b%22%3A1%7D%7D" if in_query else ""
    body = b"" if in_query else b'{"a":{"b":1}}'

    assert asyncio.run(_signals(method, query, body)).a.b == 1
