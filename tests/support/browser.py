"""Pages of a real browser; what goes wrong inside one fails the test that opened it."""

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
)

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Of two lists Chromium takes the last: these are Playwright's, which would be lost otherwise …
OFF = [
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
    "PaintHolding", "PreconnectToSearch", "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
]  # fmt: skip
# … and these are half of the work that a test with a browser costs: two pages that each window
# opens for an address bar that nobody sees, and a process in reserve for each page
OFF += ["WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxPopup"]
OFF += ["SpareRendererForSitePerProcess"]
CHROMIUM_ARGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    f"--disable-features={','.join(OFF)}",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
# what Chromium and Datastar say of a connection or an answer, not of a page that is wrong
NETWORK_ERROR = re.compile(
    r"net::ERR_\w+|responded with a status of [45]\d\d"
    r"|^network error$|^Failed to fetch$|^Datastar failed to reach "
)


def find_chromium() -> str | None:
    """Return the path of a Chromium: NITRO_CHROMIUM, else the first of the usual names."""
    named = os.environ.get("NITRO_CHROMIUM")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@dataclass
class Pages:
    """Opens pages, each in a context (a user) of its own, and remembers their complaints."""

    browser: Browser
    allows_network_errors: bool = False
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        url: str | None = None,
        *,
        javascript: bool = True,
        viewport: tuple[int, int] | None = None,
        locale: str | None = None,
        timezone_id: str | None = None,
    ) -> Page:
        """Open *url* as somebody new; without *javascript* the page has to do without."""
        size: ViewportSize | None = None
        if viewport is not None:
            size = {"width": viewport[0], "height": viewport[1]}
        context = self.browser.new_context(
            locale=locale, timezone_id=timezone_id, java_script_enabled=javascript, viewport=size
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self.listen)
        if url is not None:
            page.goto(url)
        return page

    def listen(self, message: ConsoleMessage) -> None:
        """Remember *message* if it tells of an error that this test does not expect."""
        if message.type != "error":
            return
        if self.allows_network_errors and NETWORK_ERROR.search(message.text):
            return
        self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def close(self) -> None:
        """Close every page."""
        told = [*self.complaints]
        for context in self.contexts:
            for page in context.pages:
                # to close one that is on its way to another has been seen to never end
                with suppress(Error):
                    page.goto("about:blank", timeout=2000)
            context.close()
        self.complaints = told  # that it was left is no error of a page
