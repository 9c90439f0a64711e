"""How long one person's click takes to reach another person's page, in a real browser.

    python benchmarks/latency.py [--clicks 100]

Two Chromium contexts show the same page; the first clicks, and the second's DOM is watched. Both
pages read the clock of this machine. The contenders are servers of their own and take turns.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support.browser import CHROMIUM_ARGS, find_chromium  # noqa: E402
from support.server import Server  # noqa: E402

CONTENDERS = {
    "Nitro, table of 20 rows in SQLite": "nitro_table",
    "Datastar by hand, SQLite": "by_hand",
    "Datastar by hand, no database": "by_hand_memory",
}
WATCH = """
() => {
  window.seen = [];
  let before;
  const look = () => {
    const text = document.querySelector('#count, td[data-label=Count]')?.textContent;
    if (text !== undefined && text !== before) {
      before = text;
      window.seen.push(performance.timeOrigin + performance.now());
    }
  };
  look();
  window.seen.length = 0;
  const all = {childList: true, subtree: true, characterData: true};
  new MutationObserver(look).observe(document.body, all);
}
"""
CLICK = """
() => {
  window.sent = [];
  const note = () => window.sent.push(performance.timeOrigin + performance.now());
  document.addEventListener('click', note, true);
}
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clicks", type=int, default=100)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    waits: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        for _ in range(given.rounds):
            for name, script in CONTENDERS.items():
                waits[name] += measure(browser, script, given.clicks)
        browser.close()
    print(f"{given.rounds} times {given.clicks} clicks: from one page to the DOM of the other\n")
    print("| | p50 ms | p95 ms |")
    print("|---|---|---|")
    for name, found in waits.items():
        ordered = sorted(found)
        p95 = ordered[int(len(ordered) * 0.95)]
        print(f"| {name} | {statistics.median(ordered):.1f} | {p95:.1f} |")


def measure(browser: Browser, script: str, clicks: int) -> list[float]:
    """Answer the waits of *clicks* clicks, in milliseconds; the first five only warm up."""
    folder = Path(tempfile.mkdtemp())
    server = Server(HERE / "latency" / f"{script}.py", {}, folder)
    server.start()
    try:
        contexts = [browser.new_context() for _ in range(2)]
        a, b = (context.new_page() for context in contexts)
        for page in (a, b):
            page.goto(server.url)
            page.wait_for_timeout(500)
        a.evaluate(CLICK)
        b.evaluate(WATCH)
        for turn in range(clicks + 5):
            a.get_by_role("button", name="Add").first.click()
            b.wait_for_function("n => window.seen.length > n", arg=turn, polling=20)
            time.sleep(0.05)
        sent, seen = a.evaluate("() => window.sent"), b.evaluate("() => window.seen")
        for context in contexts:
            context.close()
        return [after - before for before, after in zip(sent[5:], seen[5:], strict=True)]
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
