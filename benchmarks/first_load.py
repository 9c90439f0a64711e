"""What a browser loads before it shows the table of the atlas for the first time, from a wheel.

    python benchmarks/first_load.py

Builds the wheel of nitro-templates, serves the atlas with what is in it, and counts what Chromium
asks for: requests, bytes as they are, and with gzip. Then it opens a form in the dialog and says
what comes for that.
"""

import gzip
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response, expect, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.atlas import ATLAS, fill  # noqa: E402
from support.browser import CHROMIUM_ARGS, find_chromium  # noqa: E402
from support.server import Server  # noqa: E402


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installed = built(folder)
        place = folder / "atlas"
        place.mkdir()
        fill(place)
        path = os.pathsep.join(filter(None, [str(installed), os.environ.get("PYTHONPATH")]))
        server = Server(ATLAS / "app.py", {"PYTHONPATH": path}, place)
        server.start()
        try:
            tell(server.url)
        finally:
            server.stop()


def built(folder: Path) -> Path:
    """Answer a folder with the unpacked wheel, to be found before what is installed."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*command, str(folder), str(ROOT / "packages/nitro-templates")], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def tell(url: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        page = browser.new_page()
        seen: list[Response] = []
        page.on("response", lambda response: seen.append(response))
        page.goto(url)
        expect(page.locator("#nitro-live")).to_have_attribute("data-state", "live")
        written("The table", seen)
        seen.clear()
        first = page.locator("a[data-nitro-dialog]", has_text="Edit").first
        first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        settled(page)
        written("and then a form in the dialog", seen)
        browser.close()


def settled(page: Page) -> None:
    """Wait until nothing more is asked for; the stream goes on."""
    page.wait_for_function("() => typeof nitro.focusError === 'function'")
    page.wait_for_timeout(500)


def written(title: str, responses: list[Response]) -> None:
    print(f"{title}\n")
    print("| file | bytes | gzip |\n|---|---:|---:|")
    total = packed = requests = 0
    for response in responses:
        kind = response.headers.get("content-type", "")
        if kind.startswith("text/event-stream"):
            continue  # the page is shown without it
        body = response.body()
        requests += 1
        total += len(body)
        packed += len(gzip.compress(body))
        name = urlsplit(response.url).path.rpartition("/")[2] or "the page"
        print(f"| {name} | {len(body):,} | {len(gzip.compress(body)):,} |")
    print(f"| {requests} requests | {total:,} | {packed:,} |\n")


if __name__ == "__main__":
    main()
