"""The stylesheet that a project begins with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["INPUT", "OUTPUT", "Started", "start"]

INPUT = "styles/app.css"
OUTPUT = "static/app.css"

_TEMPLATE = """\
/* What nitro tw compiles. Classes are found in the files that the lines with @source name: as
   whole words, so write "text-red-600", never f"text-{{colour}}-600". */
@layer theme, base, nitro, components, utilities;

@import "tailwindcss" source(none);
@source "{here}**/*.py";
@source "{here}**/*.{{html,jinja,jinja2}}";
@source not "{here}**/{{.venv,venv,node_modules,dist,build}}/**";

/* Nitro's colours as Tailwind's: bg-surface, text-muted, border-line, rounded-nitro. They follow
   the light and the dark theme by themselves. */
@theme inline {{
  --color-page: var(--nitro-bg);
  --color-surface: var(--nitro-surface);
  --color-text: var(--nitro-text);
  --color-muted: var(--nitro-muted);
  --color-line: var(--nitro-line);
  --color-accent: var(--nitro-accent);
  --color-on-accent: var(--nitro-on-accent);
  --color-danger: var(--nitro-danger);
  --radius-nitro: var(--nitro-radius);
}}

@custom-variant dark {{
  &:where([data-theme="dark"], [data-theme="dark"] *) {{ @slot; }}
  @media (prefers-color-scheme: dark) {{
    &:where(:root:not([data-theme="light"]), :root:not([data-theme="light"]) *) {{ @slot; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Started:
    """What `start` wrote, and what was there already."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def start(folder: Path, *, input: str = INPUT, output: str = OUTPUT) -> Started:
    """Write the stylesheet to begin with, and keep what is built out of git.

    Nothing that is there is changed, but for a line at the end of ``.gitignore``.
    """
    source = folder / input
    written: list[Path] = []
    kept: list[Path] = []
    if source.exists():
        kept.append(source)
    else:
        source.parent.mkdir(parents=True, exist_ok=True)
        up = os.path.relpath(folder, source.parent).replace(os.sep, "/")
        source.write_text(_TEMPLATE.format(here="" if up == "." else f"{up}/"), encoding="utf-8")
        written.append(source)
    (written if _ignore(folder / ".gitignore", output) else kept).append(folder / ".gitignore")
    return Started(tuple(written), tuple(kept))


def _ignore(file: Path, output: str) -> bool:
    """Add what is built to *file*; say whether it was missing."""
    path = Path(output)
    wanted = [f"/{output}", f"/{path.with_suffix('').as_posix()}.*{path.suffix}"]
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    missing = [line for line in wanted if line not in text.splitlines()]
    if missing:
        gap = "" if not text or text.endswith("\n") else "\n"
        file.write_text(text + gap + "\n".join(missing) + "\n", encoding="utf-8")
    return bool(missing)
