"""The project of `behaviour.tutorials.polls`: its settings, its tables and both applications."""

import os

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

OF_NITRO = ["nitro_django"] if "INSTALL_NITRO" in os.environ else []
TEMPLATES = {
    "base.html": "<!doctype html>{% for message in messages %}<p>{{ message.tags }} {{ message }}"
    "{% endfor %}{% block content %}{% endblock %}",
    "index.html": '{% extends "base.html" %}{% block content %}{% for question in object_list %}'
    '<a href="{% url "polls:detail" question.pk %}">{{ question }}</a> '
    '{{ question.published|date:"c" }}{% endfor %}{{ page_obj.number }}{% endblock %}',
    "detail.html": '{% extends "base.html" %}{% block content %}<form method="post" '
    'action="{% url "polls:vote" object.pk %}">{% csrf_token %}{{ object }}'
    "{% for choice in object.choice_set.all %}<input value={{ choice.pk }}>{{ choice.votes }}"
    "{% endfor %}</form>{% endblock %}",
    "form.html": '{% extends "base.html" %}{% block content %}<form method="post">'
    "{% csrf_token %}{{ form.as_p }}</form>{% endblock %}",
}
LOADER = ("django.template.loaders.locmem.Loader", TEMPLATES)
OF_ADMIN = "django.template.loaders.app_directories.Loader"
CONTEXT = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)

settings.configure(
    SECRET_KEY="not a secret",
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF="behaviour.tutorials.polls.urls",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "behaviour.tutorials.polls",
        *OF_NITRO,
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [LOADER, OF_ADMIN], "context_processors": CONTEXT},
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "polls.sqlite3",
            "ATOMIC_REQUESTS": "DJANGO_ATOMIC" in os.environ,
        }
    },
    # fast ones: the tables are made at every start
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    MIGRATION_MODULES={
        name: None for name in ("admin", "auth", "contenttypes", "sessions", "polls")
    },
    DATA_UPLOAD_MAX_MEMORY_SIZE=1_000_000,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    STATIC_URL="/static/",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402, models are there after setup only
from django.core.management import call_command  # noqa: E402

from behaviour.tutorials.polls.models import Choice, Question  # noqa: E402

if OF_NITRO:
    from behaviour.tutorials.with_nitro import declare

    declare()
call_command("migrate", run_syncdb=True, verbosity=0)
if not User.objects.exists():
    User.objects.create_superuser("ann", "ann@site.example", "tulip")
    asked = Question.objects.create(text="What <b>is</b> new?", published="2026-01-01T00:00:00Z")
    for text in ("little", "much"):
        Choice.objects.create(question=asked, text=text)
application = get_wsgi_application()
asgi_application = get_asgi_application()
