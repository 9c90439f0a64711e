"""A blog, of the shape that Flask's tutorial teaches: a factory, two blueprints, SQLite."""

import functools
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
from flask import (
    Blueprint,
    Flask,
    abort,
    flash,
    g,
    get_flashed_messages,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    stream_with_context,
    url_for,
)
from flask.views import MethodView
from jinja2 import DictLoader
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response

STATIC = Path(__file__).parent / "static"
PAGES = {
    "base.html": "<!doctype html><title>{% block title %}{% endblock %}</title>"
    "<link href=\"{{ url_for('static', filename='site.css') }}\">"
    "{% if g.user %}{{ g.user['name'] }}{% endif %}"
    "{% for text in get_flashed_messages() %}<p>{{ text }}{% endfor %}"
    "{% block content %}{% endblock %}",
    "index.html": "{% extends 'base.html' %}{% block title %}Posts{% endblock %}"
    "{% block content %}{% for post in posts %}<h2>{{ post['title'] }}</h2>{{ post['body'] }}"
    "<a href=\"{{ url_for('blog.update', id=post['id']) }}\">edit</a>{% endfor %}{% endblock %}",
    "form.html": "{% extends 'base.html' %}{% block content %}<form method=post>"
    "<input name=title value=\"{{ request.form['title'] or post['title'] }}\"></form>"
    "{% endblock %}",
}
SCHEMA = """
DROP TABLE IF EXISTS user;
DROP TABLE IF EXISTS post;
CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, password TEXT NOT NULL);
CREATE TABLE post (id INTEGER PRIMARY KEY, author INTEGER NOT NULL, title TEXT, body TEXT);
"""
auth = Blueprint("auth", __name__, url_prefix="/auth")
blog = Blueprint("blog", __name__)
View = Callable[..., Any]
released = threading.Event()


class Tired(Exception):
    pass


def database() -> sqlite3.Connection:
    if "database" not in g:
        g.database = sqlite3.connect(flask.current_app.config["DATABASE"])
        g.database.row_factory = sqlite3.Row
    connection: sqlite3.Connection = g.database
    return connection


def close_database(_: BaseException | None = None) -> None:
    connection = g.pop("database", None)
    if connection is not None:
        connection.close()


def signed_in(view: View) -> View:
    @functools.wraps(view)
    def wrapped(**given: Any) -> Any:
        return redirect(url_for("auth.login")) if g.user is None else view(**given)

    return wrapped


@auth.before_app_request
def load_user() -> None:
    id = session.get("user_id")
    rows = database().execute("SELECT * FROM user WHERE id = ?", (id,))
    g.user = None if id is None else rows.fetchone()


@auth.route("/register", methods=("GET", "POST"))
def register() -> Any:
    if request.method == "POST":
        name, password = request.form["user"], request.form["password"]
        hashed = generate_password_hash(password, "pbkdf2:sha256:1")
        try:
            with database() as connection:
                connection.execute(
                    "INSERT INTO user (name, password) VALUES (?, ?)", (name, hashed)
                )
        except sqlite3.IntegrityError:
            flash(f"{name} is there already")
        else:
            return redirect(url_for("auth.login"))
    return render_template("form.html", post={})


@auth.route("/login", methods=("GET", "POST"))
def login() -> Any:
    if request.method == "POST":
        found = database().execute("SELECT * FROM user WHERE name = ?", (request.form["user"],))
        user = found.fetchone()
        if user is None or not check_password_hash(user["password"], request.form["password"]):
            flash("That is not right")
        else:
            session.clear()
            session["user_id"] = user["id"]
            return redirect(url_for("index"))
    return render_template("form.html", post={})


@auth.route("/logout")
def logout() -> Response:
    session.clear()
    return redirect(url_for("index"))


@blog.route("/")
def index() -> str:
    return render_template("index.html", posts=database().execute("SELECT * FROM post").fetchall())


@blog.route("/create", methods=("GET", "POST"))
@signed_in
def create() -> Any:
    if request.method == "POST" and not request.form["title"]:
        flash("A title is needed")
    elif request.method == "POST":
        with database() as connection:
            connection.execute(
                "INSERT INTO post (author, title, body) VALUES (?, ?, ?)",
                (g.user["id"], request.form["title"], request.form.get("body", "")),
            )
        return redirect(url_for("blog.index"))
    return render_template("form.html", post={})


@blog.route("/<int:id>/update", methods=("GET", "POST"))
@signed_in
def update(id: int) -> Any:
    post = database().execute("SELECT * FROM post WHERE id = ?", (id,)).fetchone()
    if post is None:
        abort(404, f"There is no post {id}")
    if post["author"] != g.user["id"]:
        abort(403)
    if request.method == "POST":
        with database() as connection:
            connection.execute(
                "UPDATE post SET title = ? WHERE id = ?", (request.form["title"], id)
            )
        return redirect(url_for("blog.index"))
    return render_template("form.html", post=post)


@blog.post("/<int:id>/delete")
@signed_in
def delete(id: int) -> Response:
    with database() as connection:
        connection.execute("DELETE FROM post WHERE id = ?", (id,))
    return redirect(url_for("blog.index"))


@blog.errorhandler(Tired)
def tired(error: Tired) -> tuple[dict[str, str], int, dict[str, str]]:
    return {"tired": str(error)}, 503, {"Retry-After": "7"}


@blog.route("/break/<kind>")
def broken(kind: str) -> str:
    kinds: dict[str, type[Exception]] = {"lookup": LookupError, "tired": Tired}
    if kind == "teapot":
        abort(418)
    if kind == "own":
        abort(make_response("own", 402))
    raise kinds.get(kind, ValueError)("a detail")


@blog.route("/drip")
def drip() -> tuple[Iterator[str], dict[str, str]]:
    def drops() -> Iterator[str]:
        for drop in range(4):
            yield f"{request.path} {drop}\n"

    return stream_with_context(drops()), {"Content-Type": "text/plain"}


@blog.route("/wait")
def wait() -> Iterator[str]:
    def drops() -> Iterator[str]:
        yield "first\n"
        released.wait(10)
        yield "second\n"

    return drops()


@blog.post("/release")
def release() -> str:
    released.set()
    return "released"


@blog.route("/echo", methods=["POST", "PUT", "PATCH", "DELETE"])
def echo() -> Response:
    files = {name: len(file.read()) for name, file in request.files.items()}
    return jsonify(
        json=request.get_json(silent=True), form=request.form, files=files, args=request.args
    )


@blog.post("/json")
def as_json() -> Any:
    return request.json


@blog.post("/size")
def size() -> tuple[str, int]:
    return str(len(request.get_data())), 201


@blog.route("/list")
async def listed() -> list[int]:
    return [1, 2, 3]


@blog.route("/cookie")
def cookie() -> flask.Response:
    response = make_response({"seen": request.cookies.get("seen")})
    response.set_cookie("seen", "yes", max_age=50, httponly=True)
    response.headers.add("Link", "</a>")
    response.headers.add("Link", "</b>")
    return response


@blog.route("/file")
def file() -> Response:
    return flask.send_file(STATIC / "lines.txt", as_attachment=True)


@blog.route("/etag")
def etag() -> Response:
    response = make_response("never changes")
    response.add_etag()
    return response.make_conditional(request)


@blog.route("/flashed")
def flashed() -> dict[str, Any]:
    return {"said": get_flashed_messages(with_categories=True)}


@blog.route("/slash/")
def slash() -> str:
    return url_for("blog.slash", _external=True)


class Item(MethodView):
    init_every_request = False

    def get(self, id: str) -> dict[str, str]:
        return {"item": id}

    def delete(self, id: str) -> tuple[str, int]:
        return "", 204


def missing(error: Exception) -> tuple[str, int]:
    return f"<h1>{error}</h1>", 404


def served_by(response: flask.Response) -> flask.Response:
    response.headers["X-Served-By"] = "blog"
    return response


def create_app() -> Flask:
    app = Flask(__name__, instance_path=str(Path.cwd()), static_folder=STATIC)
    app.config.from_mapping(SECRET_KEY="not a secret", DATABASE=str(Path.cwd() / "blog.sqlite"))
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    app.jinja_options = {"loader": DictLoader(PAGES)}
    with sqlite3.connect(app.config["DATABASE"]) as connection:
        connection.executescript(SCHEMA)
    connection.close()
    app.teardown_appcontext(close_database)
    app.after_request(served_by)
    app.register_error_handler(404, missing)
    app.register_blueprint(auth)
    app.register_blueprint(blog)
    app.add_url_rule("/items/<id>", view_func=Item.as_view("item"))
    app.add_url_rule("/", endpoint="index")
    if "INSTALL_NITRO" in os.environ:
        from behaviour.tutorials.with_nitro import declare
        from nitro_flask import Nitro

        declare()
        Nitro(app)
    return app


app = create_app()
