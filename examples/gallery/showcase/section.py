"""Sections of the gallery, and the examples in them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

from nitro import components
from nitro_templates.html import Child


@dataclass(frozen=True)
class Example:
    """A function, what it answers, and its own code."""

    slug: str
    title: str
    about: str
    show: Callable[[], Child]
    wide: bool = False
    """Whether it takes the whole width, with the code below."""

    @property
    def name(self) -> str:
        """Answer the name of its function."""
        return self.show.__name__

    @property
    def code(self) -> str:
        """Answer what the function does, and the import that it takes."""
        source = textwrap.dedent(inspect.getsource(self.show))
        function = ast.parse(source).body[0]
        assert isinstance(function, ast.FunctionDef)
        lines = source.splitlines()[function.body[0].lineno - 1 :]
        body = textwrap.dedent("\n".join(lines))
        return self._imports(function) + body.removeprefix("return ")

    def _imports(self, function: ast.FunctionDef) -> str:
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        names = ", ".join(name for name in dir(components) if name in used)
        return f"from nitro.components import {names}\n\n" if names else ""


@dataclass(frozen=True)
class Section:
    """A page of examples: ``@section.shows("Title")`` adds the function below it."""

    title: str
    icon: str
    about: str
    examples: list[Example] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """Answer its part of the address."""
        return self.title.lower().replace(" and ", "-").replace(" ", "-")

    def shows(
        self, title: str, about: str = "", *, wide: bool = False
    ) -> Callable[[Callable[[], Child]], Callable[[], Child]]:
        """Add the decorated function, which answers what is shown."""

        def add(show: Callable[[], Child]) -> Callable[[], Child]:
            self.examples.append(Example(self.slug, title, about, show, wide))
            return show

        return add

    def named(self, name: str) -> Example:
        """Answer the example of the function called *name*; LookupError if there is none."""
        for example in self.examples:
            if example.name == name:
                return example
        raise LookupError(name)
