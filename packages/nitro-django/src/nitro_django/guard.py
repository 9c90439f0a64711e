"""A view that Nitro guards against other sites in place of Django's token."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from django.views.decorators.csrf import csrf_exempt

from nitro_django.callables import is_async
from nitro_django.requests import neutral
from nitro_events.http import csrf
from nitro_events.inline import run

__all__ = ["guarded"]

View = TypeVar("View", bound=Callable[..., Any])


def guarded(view: View) -> View:
    """Let pages of this site call *view* with Datastar, which knows nothing of Django's token.

    Other sites are refused all the same: browsers say where a request comes from, and what they
    say is checked as it is for Nitro's own routes.
    """
    if is_async(view):

        @wraps(view)
        async def checked(request: HttpRequest, *args: object, **kwargs: object) -> object:
            await csrf.acheck(neutral(request), any_body=True)
            return await view(request, *args, **kwargs)

        return cast("View", csrf_exempt(checked))

    @wraps(view)
    def checked_view(request: HttpRequest, *args: object, **kwargs: object) -> object:
        run(csrf.acheck(neutral(request), any_body=True))
        return view(request, *args, **kwargs)

    return cast("View", csrf_exempt(checked_view))
