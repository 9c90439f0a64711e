"""A call that a client is to make, as a value that templates turn into attributes."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from pydantic_core import to_jsonable_python

from nitro_events.actions import Action, action_of
from nitro_events.http.paths import base, fill, function_pattern, url_of
from nitro_events.state import state

__all__ = ["Call", "call"]


@dataclass(frozen=True, slots=True)
class Call:
    """An action, whom it is called on (None for a plain function) and its arguments."""

    target: object
    function: Callable[..., object]
    action: Action
    arguments: Mapping[str, object]

    @property
    def url(self) -> str:
        """The path of the route. Raises LookupError if the target has none, or an argument is
        missing that its path names."""
        return self._url(base())

    def _url(self, begin: str) -> str:
        if self.target is None:
            return begin + fill(function_pattern(self.action), self.arguments)
        on_class = isinstance(self.target, type)
        kind = cast("type", self.target if on_class else type(self.target))
        target = state.targets.of(kind)
        if target is None:
            msg = (
                f"{kind.__name__} has no routes: it is no entity, or nitro.install(app) is missing"
            )
            raise LookupError(msg)
        id = None if on_class else target.id_of(self.target)
        return url_of(target, id, self.action.name, self.arguments, begin=begin)

    def __nitro_expression__(self) -> str:
        """Answer what the browser runs: constant, it finds the call in the attributes."""
        return "@post(nitro.target(el), nitro.call(el))"

    def __nitro_attributes__(self) -> dict[str, str]:
        """Answer the attributes that carry the call, as plain data."""
        arguments = json.dumps(to_jsonable_python(dict(self.arguments)))
        # without the root, which the page knows: such markup is made once and shown anywhere
        url = self._url(state.settings.prefix)
        return {"data-nitro-url": url, "data-nitro-arguments": arguments}


def call(function: Callable[..., object], /, **arguments: object) -> Call:
    """Describe the client's call of *function*: ``on_click=call(product.restock, quantity=5)``.

    Raises TypeError if *function* was not declared with @action or @command, or has no such
    argument. What the function returns shows itself: a patch or markup is applied, text and
    numbers are told, None is for the live views of the page.
    """
    declared = action_of(function)
    name = getattr(function, "__qualname__", repr(function))
    if declared is None or declared.kind == "query":
        msg = f"{name} cannot be called by a click. Declare it with @action or @command"
        raise TypeError(msg)
    try:
        inspect.signature(function).bind_partial(**arguments)
    except TypeError as exc:
        msg = f"call({name}, …): {exc}"
        raise TypeError(msg) from None
    target = getattr(function, "__self__", None)
    return Call(target, function, declared, MappingProxyType(dict(arguments)))
