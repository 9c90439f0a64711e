"""Where the views are."""

from pathlib import Path

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.static import serve

from behaviour.tutorials.polls import views

STATIC = Path(__file__).parents[1] / "static"


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(f"<h1>{type(exception).__name__}</h1>", status=404)


handler404 = missing
polls = [
    path("", views.Index.as_view(), name="index"),
    path("new/", views.Create.as_view(), name="new"),
    path("<int:pk>/", views.Detail.as_view(), name="detail"),
    path("<int:id>/vote/", views.vote, name="vote"),
]
urlpatterns = [
    path("polls/", include((polls, "polls"))),
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(template_name="form.html", next_page="/seen/")),
    path("logout/", LogoutView.as_view(next_page="/polls/")),
    path("seen/", views.seen),
    path("mine/", views.mine),
    path("later/", views.later),
    path("drip/", views.drip),
    path("wait/", views.wait),
    path("release/", views.release),
    path("echo/", views.echo),
    path("size/", views.size),
    path("file/", views.file),
    path("unchanged/", views.unchanged),
    path("half/", views.half),
    path("undone/", views.undone),
    path("in-part/", views.in_part),
    path("break/<kind>/", views.broken),
    path("verbs/", csrf_exempt(views.Verbs.as_view())),
    path("static/<path:path>", serve, {"document_root": STATIC}),
]
if apps.is_installed("nitro_django"):
    urlpatterns.append(path("", include("nitro_django.urls")))
