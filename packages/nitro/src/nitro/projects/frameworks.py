"""What is different in a project for each framework."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FRAMEWORKS", "Framework"]

UVICORN = "uvicorn>=0.30,<1"
STARLETTE_CLIENT = ("httpx2>=2.16",)  # what the test client of Starlette asks with


@dataclass(frozen=True, slots=True)
class Framework:
    """How a project is served, tested and deployed; ``{package}`` stands for its package."""

    title: str
    serve: str
    """While developing."""
    deploy: str
    """Where others use it."""
    requirements: tuple[str, ...] = (UVICORN,)
    development: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    """What only *deploy* needs."""
    target: str = "{package}.app:app"
    port: int = 8000
    files: tuple[tuple[str, str], ...] = (("{package}/app.py", "the application: its routes"),)
    environment: str = ""
    testing: str = ""
    """More for pytest in pyproject.toml."""
    shared: str = ""
    """A folder of files that another framework has too: a wheel should hold nothing twice."""


_UVICORN = "uvicorn {package}.app:app"

FRAMEWORKS = {
    "fastapi": Framework(
        "FastAPI", f"{_UVICORN} --reload", _UVICORN, development=STARLETTE_CLIENT
    ),
    "flask": Framework(
        "Flask",
        "flask --app {package}.app run --debug",
        "gunicorn --threads 32 {package}.app:app",
        requirements=(),
        server=("gunicorn>=23",),
        port=5000,
    ),
    "django": Framework(
        "Django",
        "python manage.py runserver",
        "uvicorn {package}.asgi:application",
        requirements=(),
        server=(UVICORN,),
        target="{package}.asgi:application",
        files=(
            ("manage.py", "the commands of Django"),
            ("{package}/settings.py", "its settings"),
            ("{package}/urls.py", "the addresses"),
            ("{package}/views.py", "what answers there"),
        ),
        environment=(
            "\n# Those of Django: its own secret, and the names of the host\n"
            "SECRET_KEY=\n"
            "ALLOWED_HOSTS=example.org\n"
        ),
    ),
    "fasthtml": Framework(
        "FastHTML",
        f"{_UVICORN} --reload",
        _UVICORN,
        development=STARLETTE_CLIENT,
        shared="testclient",
    ),
    "sanic": Framework(
        "Sanic",
        "sanic {package}.app:app --dev",
        "sanic {package}.app:app --single-process",
        requirements=(),
        development=("sanic-testing>=24.6",),
        testing=(
            "\n# of the test client, which is older than what it uses"
            '\nfilterwarnings = ["ignore::DeprecationWarning"]'
        ),
    ),
    "litestar": Framework(
        "Litestar", "litestar --app {package}.app:app run --reload", _UVICORN
    ),
    "starlette": Framework(
        "Starlette",
        f"{_UVICORN} --reload",
        _UVICORN,
        development=STARLETTE_CLIENT,
        shared="testclient",
    ),
}  # fmt: skip
