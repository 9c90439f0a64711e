"""Numbers, money, dates and times as one reader writes them.

What a language does with them is told by babel, which is loaded when it is first needed. Without
it they are written as everywhere: thousands with commas, dates by ISO.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nitro_templates.i18n.texts import GROUPED_FROM

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["Local", "local_for", "locale_named", "zone_named"]

Number = int | float | Decimal
_PLAIN = "0123456789"
_DIGITS = {"arab": 0x660, "arabext": 0x6F0, "beng": 0x9E6, "deva": 0x966, "mymr": 0x1040}


def local_for(lang: str, zone: str | None) -> Local | None:
    """Answer how readers of *lang* in *zone* write; None if it is as everywhere."""
    locale = None if lang == "en" else locale_named(lang)
    where = zone_named(zone)
    return None if locale is None and where is None else Local(locale, where)


@lru_cache(maxsize=256)
def locale_named(lang: str) -> Locale | None:
    """Answer what babel knows of *lang*, or of the language alone; None if it knows nothing."""
    if find_spec("babel") is None:
        return None
    from babel import Locale, UnknownLocaleError

    for tag in (lang, lang.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return None


@lru_cache(maxsize=1000)
def zone_named(name: str | None) -> tzinfo | None:
    """Answer the time zone *name*; None if there is none of that name."""
    if name is None:
        return None
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # also what is no name at all
        return None


class Local:
    """How one reader writes numbers and moments."""

    __slots__ = ("_decimal", "_digits", "_group", "_minus", "_sizes", "locale", "zone")

    def __init__(self, locale: Locale | None, zone: tzinfo | None) -> None:
        self.locale = locale
        self.zone = zone
        self._decimal, self._group, self._minus = ".", ",", "-"
        self._sizes = (3, 3)
        self._digits: dict[int, str] = {}
        if locale is not None:
            self._learn(locale)

    def _learn(self, locale: Locale) -> None:
        system = str(locale.default_numbering_system)
        every: Mapping[str, Mapping[str, object]] = locale.number_symbols
        symbols = every.get(system) or every.get("latn") or {}
        self._decimal = str(symbols.get("decimal", "."))
        self._group = str(symbols.get("group", ","))
        self._minus = str(symbols.get("minusSign", "-"))
        first, second = locale.decimal_formats[None].grouping
        self._sizes = (int(first), int(second))
        zero = _DIGITS.get(system)
        if zero is not None:
            self._digits = {ord(digit): chr(zero + int(digit)) for digit in _PLAIN}

    def grouped(self, number: Number, digits: int | None = None) -> str:
        """Write *number* with thousands told apart, with *digits* after the point if given."""
        text = f"{number:,}" if digits is None else f"{number:,.{digits}f}"
        return self._written(text)

    def number(self, number: Number) -> str:
        """Write *number*; four digits stay together, as years and small amounts read better."""
        if not -GROUPED_FROM < number < GROUPED_FROM:
            return self.grouped(number)
        return self._written(str(number))

    def _written(self, text: str) -> str:
        if not (text[-1:].isdigit() and "e" not in text and "E" not in text):
            return text  # not a number, endless, or with an exponent
        negative = text.startswith("-")
        whole, point, rest = text.lstrip("-").partition(".")
        if "," in whole and self._sizes != (3, 3):
            whole = _regrouped(whole.replace(",", ""), *self._sizes)
        said = whole.replace(",", self._group) + (self._decimal if point else "") + rest
        said = said.translate(self._digits) if self._digits else said
        return f"{self._minus}{said}" if negative else said

    def money(self, amount: Decimal, currency: str, digits: int) -> str:
        """Write *amount* with at least *digits* after the point."""
        if self.locale is None:
            return f"{amount:,.{digits}f}\N{NO-BREAK SPACE}{currency}"
        from babel.numbers import format_currency

        number = amount.quantize(Decimal(1).scaleb(-digits))
        pattern = self.locale.currency_formats["standard"]
        return format_currency(
            number, currency, _with_digits(pattern.pattern, digits), self.locale,
            currency_digits=False, numbering_system="default",
        )  # fmt: skip

    def day(self, value: date) -> str:
        """Write a date."""
        if self.locale is None:
            return value.isoformat()
        from babel.dates import format_date

        return format_date(value, "medium", self.locale)

    def clock(self, value: time) -> str:
        """Write a time of day."""
        if self.locale is None:
            return value.isoformat()
        from babel.dates import format_time

        exact = "medium" if value.second else "short"
        # a time without a day is in no zone: what it says is what is written
        return format_time(value.replace(tzinfo=None), exact, locale=self.locale)

    def moment(self, value: datetime) -> str:
        """Write a moment, in the reader's zone if both are known; else with its own."""
        zoned = value.tzinfo is not None
        if zoned and self.zone is not None:
            value = value.astimezone(self.zone)
        if self.locale is None:
            return iso_moment(value)
        from babel.dates import format_datetime, get_datetime_format

        pattern = str(get_datetime_format("medium", locale=self.locale))
        shown = value.replace(tzinfo=None)
        said = pattern.replace("'", "").replace(
            "{0}", self.clock(shown.time().replace(second=0, microsecond=0))
        )
        said = said.replace(
            "{1}", format_datetime(shown, _day_pattern(self.locale), locale=self.locale)
        )
        if not zoned or self.zone is not None:
            return said
        return f"{said} {zone_text(value)}"

    def ago(self, passed: timedelta) -> str:
        """Write how long ago something was: "vor 3 Minuten"."""
        from babel.dates import format_timedelta

        said: str = format_timedelta(-passed, add_direction=True, locale=self.locale, threshold=1)
        return said


def iso_moment(value: datetime) -> str:
    """Write a moment as everywhere."""
    text = value.isoformat(sep=" ", timespec="minutes")
    # "+00:00" is what machines say
    return f"{text[:-6]} UTC" if text.endswith("+00:00") else text


def zone_text(value: datetime) -> str:
    """Write how far the zone of *value* is from UTC: "UTC", "UTC+01:00"."""
    text = value.isoformat(timespec="minutes")[-6:]
    return "UTC" if text == "+00:00" else f"UTC{text}"


def _regrouped(digits: str, first: int, second: int) -> str:
    parts, rest = [digits[-first:]], digits[:-first]
    while rest:
        parts.insert(0, rest[-second:])
        rest = rest[:-second]
    return ",".join(parts)


def _with_digits(pattern: str, digits: int) -> str:
    """Answer the currency *pattern* with so many places after the point."""
    import re

    return re.sub(
        r"0(\.0+)?(?=[^0#]*(;|$))", "0" + ("." + "0" * digits if digits else ""), pattern
    )


@lru_cache(maxsize=64)
def _day_pattern(locale: Locale) -> str:
    return str(locale.date_formats["medium"].pattern)
