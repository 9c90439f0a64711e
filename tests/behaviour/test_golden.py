"""Patches that a handler returns arrive as the official SDKs write them.

The cases here are our own. Those of the SDKs are run where NITRO_SDK_CASES names the folder that
holds them (``sdk/tests/golden`` of Datastar); ids and ``retry`` belong to a stream, not to a
patch, and are left out of the comparison.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

FOLDER = os.environ.get("NITRO_SDK_CASES", "")
CASES = sorted(Path(FOLDER).glob("*/*/input.json")) if FOLDER else []
OWN: dict[str, tuple[dict[str, Any], str]] = {
    "elements": (
        {"type": "patchElements", "elements": "<p id=a>one</p>\n<p id=b>two</p>"},
        "event: datastar-patch-elements\n"
        "data: elements <p id=a>one</p>\ndata: elements <p id=b>two</p>\n\n",
    ),
    "elements elsewhere": (
        {
            "type": "patchElements",
            "elements": "<li>x</li>",
            "selector": "#list",
            "mode": "append",
            "useViewTransition": True,
        },
        "event: datastar-patch-elements\ndata: selector #list\ndata: mode append\n"
        "data: useViewTransition true\ndata: elements <li>x</li>\n\n",
    ),
    "elements of a drawing": (
        {"type": "patchElements", "elements": "<g id=a></g>", "namespace": "svg"},
        "event: datastar-patch-elements\ndata: namespace svg\ndata: elements <g id=a></g>\n\n",
    ),
    "elements that go": (
        {"type": "patchElements", "selector": "#a", "mode": "remove"},
        "event: datastar-patch-elements\ndata: selector #a\ndata: mode remove\n\n",
    ),
    "signals": (
        {"type": "patchSignals", "signals": {"a": 1, "b": {"c": None}, "d": "ü"}},
        'event: datastar-patch-signals\ndata: signals {"a":1,"b":{"c":null},"d":"ü"}\n\n',
    ),
    "signals if missing": (
        {"type": "patchSignals", "signals": {"a": 1}, "onlyIfMissing": True},
        'event: datastar-patch-signals\ndata: onlyIfMissing true\ndata: signals {"a":1}\n\n',
    ),
    "signals as they are": (
        {"type": "patchSignals", "signals-raw": '{"a":\n1}'},
        'event: datastar-patch-signals\ndata: signals {"a":\ndata: signals 1}\n\n',
    ),
    "a script": (
        {"type": "executeScript", "script": "a()\nb()"},
        "event: datastar-patch-elements\ndata: selector body\ndata: mode append\n"
        'data: elements <script data-effect="el.remove()">a()\ndata: elements b()</script>\n\n',
    ),
}


def asked(http: httpx.Client, *events: dict[str, Any]) -> httpx.Response:
    return http.get("/patches", params={"datastar": json.dumps({"events": events})})


@pytest.mark.parametrize("case", OWN)
def test_a_patch_arrives_as_it_should_be_written(page: httpx.Client, case: str) -> None:
    event, expected = OWN[case]

    answer = asked(page, event)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert parts_of(answer.text) == parts_of(expected)


def test_several_patches_arrive_in_order(page: httpx.Client) -> None:
    answer = asked(page, *(event for event, _ in OWN.values()))

    assert parts_of(answer.text) == [part for _, text in OWN.values() for part in parts_of(text)]


@pytest.mark.skipif(not CASES, reason="NITRO_SDK_CASES names no folder with cases")
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_an_official_case_arrives_as_it_should(page: httpx.Client, case: Path) -> None:
    events = json.loads(case.read_text())["events"]

    answer = asked(page, *events)

    assert parts_of(answer.text) == parts_of(case.with_name("output.txt").read_text())


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


def parts_of(text: str) -> list[dict[str, Any]]:
    """Read events as the official test runner compares them, without ``id`` and ``retry``."""
    found: list[dict[str, Any]] = []
    for block in re.split(r"\n\n+", text.strip()):
        event: dict[str, Any] = {"data": defaultdict(list)}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                group, _, rest = value.partition(" ")
                event["data"][group].append(rest)
            elif name not in ("id", "retry"):
                event[name] = value
        lines = event["data"].pop("elements", None)
        if lines is not None:
            event["elements"] = Tags("\n".join(lines)).parts
        found.append(event)
    return found
