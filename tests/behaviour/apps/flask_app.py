"""The routes of `behaviour.things` in Flask."""

from collections.abc import Iterator
from typing import Any

from flask import Flask, abort, request
from flask_login import (  # type: ignore[import-untyped]
    LoginManager,
    UserMixin,
    login_user,
    logout_user,
)

from behaviour import things
from behaviour.things import Parcel
from nitro import patch_signals
from nitro_events.http.request import current_request
from nitro_flask import Nitro, read_signals

app = Flask(__name__)
app.config.update(SECRET_KEY="not a secret", SESSION_COOKIE_SAMESITE="Lax")
logins = LoginManager(app)


@app.route("/plain", methods=["GET", "POST"])
def plain() -> dict[str, bool]:
    return {"plain": True}


@app.get("/drip")
def drip() -> tuple[Iterator[str], dict[str, str]]:
    return iter(things.DROPS), {"Content-Type": "text/plain"}


if not things.plain_only():
    things.set_up()
    Nitro(app)


class User(UserMixin):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.id = name


@logins.user_loader  # type: ignore[untyped-decorator]
def load(name: str) -> User | None:
    return User(name) if name in things.NAMES else None


# `Any`: pages and entities are not in Flask's list of what a view may return
@app.get("/")
def front() -> Any:
    return things.front()


@app.get("/new")
def new() -> Any:
    return things.new()


@app.get("/one/<id>")
def one(id: str) -> Any:
    return Parcel.get(id)


@app.get("/markup")
def markup() -> Any:
    return things.markup()


@app.get("/made")
def made() -> Any:
    return things.made(), 201


@app.post("/add")
def add() -> Any:
    signals = read_signals()
    return patch_signals({"total": signals.a + signals.b})


@app.post("/count")
def count() -> dict[str, int]:
    return {"count": things.count()}


@app.post("/acount")
async def acount() -> dict[str, int]:
    return {"count": things.count()}


@app.post("/fail")
def fail() -> Any:
    things.count()
    raise RuntimeError(things.SECRET)


@app.post("/refuse")
def refuse() -> Any:
    things.count()
    abort(409, "Not now")


@app.post("/invalid")
def invalid() -> Any:
    return Parcel(name="")


@app.post("/stale")
def stale() -> Any:
    things.change_twice()


@app.post("/login")
def login() -> dict[str, str]:
    sent: Any = request.get_json() if request.is_json else request.form
    name = sent.get("user")
    if name not in things.NAMES:
        abort(401, "Nobody of this name")
    login_user(User(name))
    return {"user": name}


@app.post("/logout")
def logout() -> dict[str, None]:
    logout_user()
    return {"user": None}


@app.get("/whoami")
def whoami() -> dict[str, str | None]:
    asked = current_request.get()
    return {"user": None if asked is None else asked.caller.id}


@app.get("/patches")
def patches() -> Any:
    return things.patches(read_signals())
