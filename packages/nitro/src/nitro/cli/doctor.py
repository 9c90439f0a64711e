"""``nitro doctor``: what is wrong, and what to type against it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from nitro.cli.application import load, named
from nitro.cli.options import Application, AsJson
from nitro.cli.printing import marked, print_json, say, working

__all__ = ["doctor"]


def doctor(
    application: Application = None,
    as_json: AsJson = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings count as errors, for the exit code.")
    ] = False,
) -> None:
    """Look for what is wrong, and say what to type. Nothing is changed; exit code 1 if so."""
    meant = named(application)
    with working("importing the application"):
        loaded = None if meant is None else load(meant)
    from nitro.doctor import Patient, examine

    with working("looking") as now:
        found = list(examine(Patient(meant, loaded), now))
    levels = [finding.level for _, finding in found]
    bad = "error" in levels or (strict and "warning" in levels)
    if as_json:
        told = [{"check": name, **asdict(finding)} for name, finding in found]
        print_json({"application": meant, "ok": not bad, "findings": told})
        raise typer.Exit(int(bad))
    for name, finding in found:
        marked(finding.level, f"{name}: {finding.text}")
        if finding.remedy and finding.level != "ok":
            say(f"    {finding.remedy}", style="cyan")
    say()
    say(_summary(levels))
    if meant is None:
        say("Name your application, and more can be looked at: nitro doctor main:app")
    raise typer.Exit(int(bad))


def _summary(levels: Sequence[str]) -> str:
    errors, warnings = levels.count("error"), levels.count("warning")
    if not errors and not warnings:
        return "All is well."
    told = [
        f"{count} {word}{'s' * (count != 1)}"
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    return f"{' and '.join(told)}."
