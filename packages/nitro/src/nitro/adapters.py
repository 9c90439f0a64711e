"""Find the adapter of the framework that an application is made with."""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TypeVar, cast

App = TypeVar("App")
Adapter = Callable[..., object]

GROUP = "nitro.adapters"

# Which of our distributions joins which framework, under the framework's import name. It tells
# what to install; other adapters announce themselves through the entry-point group.
ADAPTERS = {
    "django": "nitro-django",
    "fasthtml": "nitro-fasthtml",
    "fastapi": "nitro-fastapi",
    "flask": "nitro-flask",
    "litestar": "nitro-litestar",
    "sanic": "nitro-sanic",
    "starlette": "nitro-starlette",
}


def install(app: App, /, **options: object) -> App:
    """Install Nitro on *app*, an application of a web framework that you already have.

    The framework is recognised by the modules that the classes of *app* come from, without
    importing any. *options* are those of the adapter's own ``install``. Returns *app*.

    Raises ImportError if the adapter for this framework is not installed, TypeError if *app*
    belongs to no framework with an adapter.
    """
    adapter_for(app)(app, **options)
    return app


def adapter_for(app: object) -> Adapter:
    """Return the ``install`` function of the adapter for *app*, without calling it."""
    frameworks = list(frameworks_of(app))
    for framework in frameworks:
        adapter = find_adapter(framework)
        if adapter is not None:
            return adapter
    for framework in frameworks:
        if framework in ADAPTERS:
            dist = ADAPTERS[framework]
            msg = (
                f"{type(app).__name__} is an application of {framework}, and its adapter "
                f"{dist} is not installed. Run: pip install {dist}"
            )
            raise ImportError(msg, name=dist.replace("-", "_"))
    known = ", ".join(sorted({*ADAPTERS, *(entry.name for entry in entry_points(group=GROUP))}))
    msg = (
        f"nitro.install() was given {app!r}, which is no application of a framework with an "
        f"adapter. Known frameworks: {known}"
    )
    raise TypeError(msg)


def frameworks_of(app: object) -> Iterator[str]:
    """Yield the top-level modules of the classes of *app*, the most specific first."""
    for cls in type(app).__mro__:
        yield cls.__module__.partition(".")[0]


def find_adapter(framework: str) -> Adapter | None:
    """Return the ``install`` function announced for *framework*, if there is one."""
    for entry in entry_points(group=GROUP, name=framework):
        return cast("Adapter", entry.load())
    # In a source tree on the path nothing is announced, though the adapter is there.
    home = ADAPTERS.get(framework, "").replace("-", "_")
    if home and find_spec(home):
        return cast("Adapter", import_module(home).install)
    return None
