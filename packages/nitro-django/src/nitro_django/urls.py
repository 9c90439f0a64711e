"""Nitro's own routes: ``path("", include("nitro_django.urls"))``, best behind your own."""

from nitro_django.routing import NitroResolver

__all__ = ["app_name", "urlpatterns"]

app_name = "nitro"
urlpatterns = [NitroResolver()]
