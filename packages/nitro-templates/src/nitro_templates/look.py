"""How an application looks, said in a few values: colour, corners, font, density, width."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Look"]

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_UNSAFE = re.compile(r"[;{}<>\\@]|/\*")
_DENSITY = {
    "compact": {"control": "2.125rem", "cell": ".3rem", "gap": ".85rem"},
    "comfortable": {},
    "spacious": {"control": "2.75rem", "cell": ".75rem", "gap": "1.35rem"},
}

# the backgrounds of base.css that an accent has to be read on, and those for more contrast
_LIGHT, _DARK = "#eef2fb", "#222b3a"
_WHITE, _INK = "#ffffff", "#0b1220"
_READABLE, _PLAIN = 4.5, 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What ``configure(look=Look(accent="#0b7285"))`` changes of the stylesheet.

    *accent* is the colour of the brand, such as "#0b7285". Buttons have it as it is, under text
    that is readable on it; links and marks have the nearest shade that is readable on our
    backgrounds, one for the light and one for the dark theme. *radius* is that of corners, *font*
    a list of font families, *width* how wide pages get, *density* how much air there is.
    Raises ValueError for what is no such value.
    """

    accent: str | None = None
    radius: str | None = None
    font: str | None = None
    width: str | None = None
    density: Literal["compact", "comfortable", "spacious"] = "comfortable"

    def __post_init__(self) -> None:
        if self.accent is not None and _HEX.fullmatch(self.accent) is None:
            msg = f"accent is a colour such as '#0b7285', not {self.accent!r}"
            raise ValueError(msg)
        if self.density not in _DENSITY:
            msg = f"density is one of {', '.join(_DENSITY)}, not {self.density!r}"
            raise ValueError(msg)
        for name in ("radius", "font", "width"):
            value = getattr(self, name)
            if value is not None and (not value.strip() or _UNSAFE.search(value)):
                msg = f"{name} is the value of a CSS property, not {value!r}"
                raise ValueError(msg)

    def css(self) -> str:
        """Answer the rules, for the end of ``nitro.css``."""
        said = {"radius": self.radius, "font": self.font, "width": self.width}
        variables = {name: value for name, value in said.items() if value is not None}
        variables |= _DENSITY[self.density]
        more = {}
        if self.accent is not None:
            variables |= _colours(self.accent, _READABLE)
            more = _colours(self.accent, _PLAIN)
        rules = _rule(variables)
        if more:
            rules += f"@media (prefers-contrast: more) {{ {_rule(more)} }}"
        return f"@layer nitro {{ {rules} }}" if rules else ""


def _rule(variables: dict[str, str]) -> str:
    written = "".join(f"--nitro-{name}: {value};" for name, value in variables.items())
    return f":root {{ {written} }}" if written else ""


def _colours(accent: str, wanted: float) -> dict[str, str]:
    brand = _parsed(accent)
    light = _readable(brand, on=_parsed(_LIGHT), towards=(0, 0, 0), wanted=wanted)
    dark = _readable(brand, on=_parsed(_DARK), towards=(255, 255, 255), wanted=wanted)
    ink, white = _parsed(_INK), _parsed(_WHITE)
    on_brand = max((white, ink), key=lambda colour: _contrast(colour, brand))
    if _contrast(on_brand, brand) < wanted:  # no text is readable enough on the brand's own
        fill, on_fill = f"light-dark({_hex(light)}, {_hex(dark)})", f"light-dark({_WHITE}, {_INK})"
    else:
        fill, on_fill = _hex(brand), _hex(on_brand)
    return {
        "accent": f"light-dark({_hex(light)}, {_hex(dark)})",
        "on-accent": f"light-dark({_WHITE}, {_INK})",
        "fill": fill,
        "on-fill": on_fill,
    }


_Colour = tuple[float, float, float]


def _parsed(text: str) -> _Colour:
    digits = text.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue


def _hex(colour: _Colour) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour)


def _readable(colour: _Colour, *, on: _Colour, towards: _Colour, wanted: float) -> _Colour:
    """Answer the nearest shade of *colour* on the way *towards* that is readable *on*."""
    shade = colour
    for step in range(101):
        if _contrast(shade, on) >= wanted:
            break
        shade = _between(colour, towards, step / 100)
    return shade


def _between(one: _Colour, other: _Colour, part: float) -> _Colour:
    red, green, blue = (
        round(start + (end - start) * part) for start, end in zip(one, other, strict=True)
    )
    return red, green, blue


def _contrast(one: _Colour, other: _Colour) -> float:
    """Answer the contrast ratio of WCAG 2."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: _Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
