"""Django under WSGI, with the middleware that a new project has for a page without a form."""

import sys
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from measure import serve_wsgi
from orders import Touch, begin, touched

WITH_NITRO = sys.argv[1] == "nitro"


@csrf_exempt
def plain(request: HttpRequest) -> JsonResponse:
    """Touch nothing of Nitro."""
    return JsonResponse({"plain": True})


@csrf_exempt
def hand(request: HttpRequest, id: int) -> JsonResponse:
    """Do by hand what the action does."""
    return JsonResponse(touched(id, Touch.model_validate_json(request.body)))


urlpatterns: list[Any] = [path("plain", plain), path("hand/<int:id>", hand)]
if WITH_NITRO:
    urlpatterns.append(path("", include("nitro_django.urls")))

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["nitro_django"] if WITH_NITRO else [],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for this alone",
)
django.setup()
begin()
serve_wsgi(get_wsgi_application())
