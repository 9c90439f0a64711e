"""Django's admin, as it is without further settings."""

import sys
from pathlib import Path
from types import SimpleNamespace

import django
from django.conf import settings

sys.path.append(str(Path(__file__).parents[1] / "list_page"))
settings.configure(
    DEBUG_PROPAGATE_EXCEPTIONS=True,
    SECRET_KEY="a benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
    ],
    MIDDLEWARE=[f"{__name__}.somebody"],
    STATIC_URL="/static/",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
)
django.setup()

from django.contrib import admin  # noqa: E402 - after the setup, as Django wants it
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import path  # noqa: E402
from measure import serve  # noqa: E402

sent = 0


class Category(models.Model):
    """One of many."""

    id = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=80)

    class Meta:
        """The table is there."""

        app_label, db_table, managed = "auth", "category", False

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What is edited."""

    id = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=80)
    price = models.FloatField()
    stock = models.IntegerField()
    category = models.ForeignKey(Category, models.PROTECT)

    class Meta:
        """The table is there."""

        app_label, db_table, managed = "auth", "product", False


class ProductAdmin(admin.ModelAdmin):
    """The four fields."""

    fields = ("name", "price", "stock", "category")


def counted(execute, sql, params, many, context):
    """Count a statement."""
    global sent
    sent += 1
    return execute(sql, params, many, context)


def somebody(get_response):
    """Let everybody be an administrator, and count what they ask the database."""
    yes = {"is_active": True, "is_staff": True, "is_anonymous": False, "pk": 1}
    yes |= {"has_perm": lambda *_: True, "has_module_perms": lambda *_: True}
    yes |= {"get_short_name": lambda: "A", "get_username": lambda: "a", "is_authenticated": True}
    yes |= {"has_usable_password": lambda: False}

    def answer(request):
        request.user = SimpleNamespace(**yes)
        with connection.execute_wrapper(counted):
            response = get_response(request)
            return response.render() if hasattr(response, "render") else response

    return answer


# the form links to the history of the product, whose table names the class by a number
call_command("migrate", "contenttypes", verbosity=0)
admin.site.register(Product, ProductAdmin)
urlpatterns = [path("admin/", admin.site.urls)]
serve(get_asgi_application(), "/admin/auth/product/p1/change/", lambda: sent)
