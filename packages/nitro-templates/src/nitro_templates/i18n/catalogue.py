"""The texts of one language: where they are found, and what stands for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from .po import Entry, read_mo, read_po

__all__ = ["Catalogue", "find", "languages_in", "ours"]

OURS = Path(__file__).with_name("catalogues")
_PLURAL = "plural="


class Catalogue:
    """What stands for texts in one language. Texts that are not in it stay as they are."""

    __slots__ = ("plural", "plural_rule", "plurals", "texts")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.texts: dict[str, str] = {}
        self.plurals: dict[str, tuple[str, ...]] = {}
        self.plural_rule = "n != 1"
        many: dict[str, str] = {}
        for one, plural, forms in entries:
            if not one:
                self.plural_rule = _rule_in(forms[0]) or self.plural_rule
            elif plural:
                self.plurals[one] = forms
                many[plural] = one
            else:
                self.texts[one] = forms[0]
        self.plural: Callable[[int], int] = _plural_of(self.plural_rule)
        for plural, one in many.items():  # so that each is found alone too
            self.texts.setdefault(one, self.form(one, 1) or one)
            self.texts.setdefault(plural, self.form(one, 3) or plural)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def form(self, one: str, count: int) -> str | None:
        """Answer what stands for the text with the singular *one* at this *count*."""
        forms = self.plurals.get(one)
        if forms is None:
            return None
        index = self.plural(count)
        return forms[index] if index < len(forms) else forms[-1]

    def over(self, other: Catalogue) -> Catalogue:
        """Answer this catalogue with what only *other* has besides."""
        if not self or self is other:
            return other
        joined = Catalogue()
        joined.texts = {**other.texts, **self.texts}
        joined.plurals = {**other.plurals, **self.plurals}
        joined.plural_rule, joined.plural = self.plural_rule, self.plural
        if self.plural_rule != other.plural_rule and other.plurals:
            # each has its forms by its own rule: those of ours are put in the order of the other
            joined.plurals = {**_reordered(other, self), **self.plurals}
        return joined


def _reordered(catalogue: Catalogue, rule: Catalogue) -> Mapping[str, tuple[str, ...]]:
    examples: dict[int, int] = {}
    for number in range(200):
        examples.setdefault(rule.plural(number), number)
    numbers = [examples.get(index, 1) for index in range(max(examples) + 1)]
    return {
        one: tuple(catalogue.form(one, number) or one for number in numbers)
        for one in catalogue.plurals
    }


def _rule_in(header: str) -> str:
    for line in header.split("\n"):
        name, _, said = line.partition(":")
        if name.strip().lower() == "plural-forms" and _PLURAL in said:
            return said.partition(_PLURAL)[2].strip().rstrip(";").strip()
    return ""


@lru_cache(maxsize=32)
def _plural_of(rule: str) -> Callable[[int], int]:
    if rule in ("n != 1", "(n != 1)"):
        return lambda number: int(number != 1)
    from gettext import c2py  # type: ignore[attr-defined,unused-ignore]

    found: Callable[[int], int] = c2py(rule)
    return found


def ours(language: str, name: str = "") -> Catalogue:
    """Answer our own texts in *language*; empty where there are none.

    *name* is "browser" for those of our scripts.
    """
    return _ours(language, name)


@lru_cache(maxsize=64)
def _ours(language: str, name: str) -> Catalogue:
    stem = f"{language}.{name}" if name else language
    for said in (stem, stem.replace(language, language.partition("-")[0], 1)):
        found = _read(OURS / f"{said}.mo", OURS / f"{said}.po")
        if found is not None:
            return found
    return Catalogue()


def find(folder: Path, language: str, domain: str) -> Catalogue | None:
    """Answer the catalogue below *folder* as gettext lays them out; None if there is none.

    That is ``de/LC_MESSAGES/messages.mo``, or the ``.po`` beside it if that is newer.
    """
    for name in (language.replace("-", "_"), language, language.partition("-")[0]):
        inside = folder / name / "LC_MESSAGES"
        found = _read(inside / f"{domain}.mo", inside / f"{domain}.po")
        if found is not None:
            return found
    return None


def languages_in(folder: Path, domain: str) -> list[str]:
    """List the languages that *folder* has a catalogue for."""
    found = {
        path.parent.parent.name.replace("_", "-")
        for kind in ("mo", "po")
        for path in folder.glob(f"*/LC_MESSAGES/{domain}.{kind}")
    }
    return sorted(found)


def _read(compiled: Path, source: Path) -> Catalogue | None:
    """Read the newer of the two; what translators just changed need not be compiled."""
    made = compiled.stat().st_mtime if compiled.is_file() else None
    said = source.stat().st_mtime if source.is_file() else None
    if made is not None and (said is None or made >= said):
        return _parsed(compiled, made)
    return None if said is None else _parsed(source, said)


@lru_cache(maxsize=64)
def _parsed(path: Path, _changed: float) -> Catalogue:
    """Read a file once for all the tags it is for: these come from outside, as "de-AT" does."""
    if path.suffix == ".mo":
        return Catalogue(read_mo(path.read_bytes()))
    return Catalogue(read_po(path.read_text(encoding="utf-8")))
