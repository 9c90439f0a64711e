"""Views of functions and of classes, sync and async."""

# mypy: disable-error-code="type-arg, misc"

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import transaction
from django.db.models import F
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View, generic
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_http_methods

from behaviour.tutorials.polls.models import Choice, Question

LINES = Path(__file__).parents[1] / "static" / "lines.txt"


released = threading.Event()


class QuestionForm(forms.ModelForm):
    class Meta:
        model = Question
        fields = ["text", "published"]


class Index(generic.ListView):
    model = Question
    template_name = "index.html"
    paginate_by = 5


class Detail(generic.DetailView):
    model = Question
    template_name = "detail.html"


class Create(generic.CreateView):
    form_class = QuestionForm
    template_name = "form.html"


def vote(request: HttpRequest, id: int) -> HttpResponse:
    question = get_object_or_404(Question, pk=id)
    try:
        chosen = Choice.objects.get(question=question, pk=request.POST["choice"])
    except (KeyError, Choice.DoesNotExist):
        messages.error(request, "You did not choose")
        return render(request, "detail.html", {"object": question}, status=400)
    Choice.objects.filter(pk=chosen.pk).update(votes=F("votes") + 1)
    messages.success(request, "Thank you")
    return redirect(reverse("polls:detail", args=(id,)))


def seen(request: HttpRequest) -> JsonResponse:
    request.session["seen"] = request.session.get("seen", 0) + 1
    response = JsonResponse({"seen": request.session["seen"], "user": str(request.user)})
    response.set_cookie("tasted", "yes", httponly=True)
    return response


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"of {request.user.get_username()}", headers={"X-Mine": "1"})


async def later(request: HttpRequest) -> JsonResponse:
    found = [question.text async for question in Question.objects.all()]
    return JsonResponse(found, safe=False)


def drip(request: HttpRequest) -> StreamingHttpResponse:
    def drops() -> Iterator[str]:
        yield from (f"drop {drop}\n" for drop in range(4))

    async def adrops() -> AsyncIterator[str]:
        for drop in drops():
            yield drop

    on_a_loop = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(adrops() if on_a_loop else drops(), content_type="text/plain")


def wait(request: HttpRequest) -> StreamingHttpResponse:
    def drops() -> Iterator[str]:
        yield "first\n"
        released.wait(10)
        yield "second\n"

    async def adrops() -> AsyncIterator[str]:
        yield "first\n"
        await asyncio.to_thread(released.wait, 10)
        yield "second\n"

    on_a_loop = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(adrops() if on_a_loop else drops(), content_type="text/plain")


@csrf_exempt
def release(request: HttpRequest) -> HttpResponse:
    released.set()
    return HttpResponse("released")


@csrf_exempt
def echo(request: HttpRequest) -> JsonResponse:
    files = {name: file.size for name, file in request.FILES.items() if not isinstance(file, list)}
    told: dict[str, Any] = {"method": request.method, "form": request.POST, "files": files}
    return JsonResponse({**told, "args": request.GET})


@csrf_exempt
@require_http_methods(["POST", "PUT"])
def size(request: HttpRequest) -> HttpResponse:
    return HttpResponse(len(request.body))


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(LINES.open("rb"), as_attachment=True)


@condition(etag_func=lambda request: '"one"')
def unchanged(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never changes")


@csrf_exempt
def half(request: HttpRequest) -> HttpResponse:
    """Write, and answer with an error: what was written stays, as ATOMIC_REQUESTS has it."""
    Question.objects.create(text="half", published="2026-01-01T00:00:00Z")
    return HttpResponse("half", status=409)


@csrf_exempt
def undone(request: HttpRequest) -> HttpResponse:
    """Write, and fail: what was written is kept without ATOMIC_REQUESTS only."""
    Question.objects.create(text="undone", published="2026-01-01T00:00:00Z")
    msg = "a detail"
    raise RuntimeError(msg)


@csrf_exempt
def in_part(request: HttpRequest) -> HttpResponse:
    """Write, and undo a part of it."""
    try:
        with transaction.atomic():
            Question.objects.create(text="in part", published="2026-01-01T00:00:00Z")
            raise ValueError
    except ValueError:
        return HttpResponse(Question.objects.count())


def broken(request: HttpRequest, kind: str) -> HttpResponse:
    if kind == "304":
        return HttpResponseNotModified()
    if kind == "none":
        return None  # type: ignore[return-value]
    kinds = {
        "lookup": LookupError,
        "denied": PermissionDenied,
        "missing": Http404,
        "odd": SuspiciousOperation,
    }
    raise kinds.get(kind, ValueError)("a detail")


class Verbs(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("got")

    async def delete(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=204)
