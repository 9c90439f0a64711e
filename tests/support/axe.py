"""axe-core, which finds what keeps people out of a page: fetched once by npm, run in any page."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from support.services import missing

VERSION = "4.14.1"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
"""Every rule of WCAG 2.0, 2.1 and 2.2 at the levels A and AA."""

_RUN = """
async ([tags, covered]) => {
  const found = await axe.run({ exclude: covered }, {
    runOnly: { type: "tag", values: tags },
    // not on by default, though WCAG 2.2 asks for it
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  });
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(node => ({ id, help, html: node.html, why: node.failureSummary })));
}
"""


@cache
def source() -> str:
    """The script of axe-core; the test is skipped where it cannot be had."""
    kept = _folder() / f"axe-core-{VERSION}.js"
    if not kept.exists():
        _fetch(kept)
    return kept.read_text("utf-8")


def violations(page: Page, *, covered: Sequence[str] = ()) -> list[str]:
    """What is wrong with the page as it stands: the rule, the element, and why.

    *covered* are selectors of what lies partly beneath something that is open.
    """
    _settle(page)
    page.evaluate(source())
    found: list[dict[str, Any]] = page.evaluate(_RUN, [TAGS, list(covered)])
    return [f"{one['id']}: {one['help']}\n  {one['html'][:300]}\n  {one['why']}" for one in found]


def _settle(page: Page) -> None:
    # a colour that is still fading in has not its contrast yet
    page.evaluate("""() => Promise.all(document.getAnimations()
        .filter(one => one.effect.getComputedTiming().endTime < Infinity)
        .map(one => one.finished))""")


def _folder() -> Path:
    cache_home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("NITRO_TEST_CACHE") or Path(cache_home) / "nitro-tests")


def _fetch(kept: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        missing("axe-core is fetched by npm, which is not installed")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", f"axe-core@{VERSION}"]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        packed = Path(folder) / f"axe-core-{VERSION}.tgz"
        if done.returncode or not packed.exists():
            missing(f"npm could not fetch axe-core {VERSION}")
        with tarfile.open(packed) as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member is not None
            body = member.read()
    kept.parent.mkdir(parents=True, exist_ok=True)
    # several workers may do this at once
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_bytes(body)
    part.replace(kept)
