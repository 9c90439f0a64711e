"""docs/command.md tells of every command and option, and of none that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from nitro.cli import app

PAGE = (Path(__file__).parents[1] / "docs" / "command.md").read_text(encoding="utf-8")
EVERYWHERE = {"--help"}


def commands(group: Any, *before: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that is shown, with the words that call it."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from commands(command, *before, name)
        else:
            yield (*before, name), command


FOUND = dict(commands(get_command(app)))
GROUPS = {words[0] for words in FOUND}


def test_every_command_is_told_of() -> None:
    missing = [words for words in FOUND if f"nitro {' '.join(words)}" not in PAGE]

    assert missing == []


def test_every_option_is_told_of_where_its_command_is() -> None:
    parts = dict(
        (word, text)
        for title, text in re.findall(r"^## (nitro .*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
        for word in re.findall(r"nitro (\w+)", title)
    )
    missing = [
        (words, option)
        for words, command in FOUND.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option not in EVERYWHERE
        if f"`{option}" not in parts[words[0]]
    ]

    assert parts.keys() == GROUPS
    assert missing == []


def test_nothing_is_told_of_that_is_not_there() -> None:
    told = {tuple(words.split()) for words in re.findall(r"`nitro ((?:db |tw )?[a-z]+)", PAGE)}
    known = {words[: len(one)] for words in FOUND for one in told}

    assert told <= known


def test_every_setting_with_a_variable_in_the_docs_is_known_to_config() -> None:
    from nitro.sources import VARIABLES

    text = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(NITRO_\w+)", text, re.M)

    assert {variable for _, variable in rows} == {f"NITRO_{name.upper()}" for name in VARIABLES}
