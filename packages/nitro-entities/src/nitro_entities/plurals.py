"""English plurals of the names of classes: "Category" is one of "Categories".

A table of our own and not a library: the addresses of pages are made of plurals, and must not
change with the release of something else. Where it is wrong, ``__plural__`` says it.
"""

from __future__ import annotations

import re

__all__ = ["plural_of"]

_IRREGULAR = {
    "person": "people", "child": "children", "man": "men", "woman": "women", "foot": "feet",
    "tooth": "teeth", "goose": "geese", "mouse": "mice", "louse": "lice", "ox": "oxen",
    "die": "dice", "quiz": "quizzes", "datum": "data", "medium": "media",
    "criterion": "criteria", "phenomenon": "phenomena", "curriculum": "curricula",
    "bacterium": "bacteria", "memorandum": "memoranda", "stratum": "strata",
    "analysis": "analyses", "basis": "bases", "crisis": "crises", "diagnosis": "diagnoses",
    "hypothesis": "hypotheses", "synthesis": "syntheses", "thesis": "theses", "axis": "axes",
    "oasis": "oases", "parenthesis": "parentheses", "stimulus": "stimuli", "alumnus": "alumni",
    "cactus": "cacti", "fungus": "fungi", "nucleus": "nuclei", "larva": "larvae",
    "alumna": "alumnae", "appendix": "appendices", "matrix": "matrices", "vertex": "vertices",
    "leaf": "leaves", "loaf": "loaves", "half": "halves", "calf": "calves", "elf": "elves",
    "self": "selves", "shelf": "shelves", "wolf": "wolves", "thief": "thieves",
    "sheaf": "sheaves", "knife": "knives", "life": "lives", "wife": "wives", "scarf": "scarves",
    "hero": "heroes", "potato": "potatoes", "tomato": "tomatoes", "echo": "echoes",
    "veto": "vetoes", "torpedo": "torpedoes", "embargo": "embargoes", "cargo": "cargoes",
    "passerby": "passersby", "bus": "buses", "gas": "gases",
}  # fmt: skip
_SAME = frozenset({
    "aircraft", "bison", "data", "deer", "equipment", "feedback", "fish", "furniture", "hardware",
    "headquarters", "information", "knowledge", "luggage", "means", "media", "metadata", "money",
    "music", "news", "offspring", "people", "research", "series", "sheep", "software", "species",
    "staff", "swine", "traffic", "weather",
})  # fmt: skip
_ENDS = ("woman", "person", "child", "foot", "tooth", "mouse", "shelf", "life", "knife", "wife")
_NO_MEN = frozenset({"human", "german", "roman", "ottoman", "talisman", "shaman", "caiman"})
_HEAD = re.compile(r"^(.+?)( (?:of|in|on|at|for|by|with|to) .+)$")


def plural_of(label: str) -> str:
    """Answer what several of *label* are called, as it is written: "Order line", "Order lines".

    Of several words the last one changes, or the one before "of": "Lines of business".
    """
    head = _HEAD.match(label)
    if head is not None:
        return plural_of(head[1]) + head[2]
    start, space, word = label.rpartition(" ")
    return f"{start}{space}{_plural(word)}"


def _plural(word: str) -> str:
    low = word.lower()
    if low in _SAME:
        return word
    found = _IRREGULAR.get(low)
    if found is None:
        found = _of_ending(low)
    if found is not None:
        return _as_written(word, found)
    if re.search(r"[^aeiou\W]y$", low) or low.endswith("quy"):
        return word[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", low) and not low.endswith(_HARD):
        return word + "es"
    return word + "s"


_HARD = ("epoch", "stomach", "monarch", "eunuch", "tech", "loch", "patriarch")
"""What ends in a "ch" that is spoken like a "k"."""


def _of_ending(low: str) -> str | None:
    """Answer the plural of a word that ends in an irregular one, such as "salesperson"."""
    for end in _ENDS:
        if low.endswith(end):
            return low[: -len(end)] + _IRREGULAR[end]
    if low.endswith("man") and low not in _NO_MEN and len(low) > 4:
        return low[:-3] + "men"
    return None


def _as_written(word: str, plural: str) -> str:
    """Answer *plural* in the letters of *word*, small or capital, as far as they agree."""
    if word.isupper() and len(word) > 1:
        return plural.upper()
    return plural[:1].upper() + plural[1:] if word[:1].isupper() else plural
