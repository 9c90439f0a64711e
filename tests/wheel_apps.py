"""The smallest application of each framework, which `install_wheels.py` runs in an environment
that has `nitro[<framework>]` and nothing else: it answers a request by the framework's own means.
"""

ENTITY = """\
from nitro import Page, SQLEntity, Table

class City(SQLEntity, table=True):
    name: str

City.create(name="<b>Ghent</b>")

def page():
    return Page(Table.from_entity(City).with_actions(["edit"]).reactive(), title="Cities")
"""

# an ASGI application is asked without a server and without a client library
ASK = """\
import asyncio

def ask(app):
    sent = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "path": "/", "raw_path": b"/", "root_path": "", "query_string": b"", "scheme": "http",
        "headers": [(b"host", b"localhost"), (b"accept", b"text/html")],
        "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 80),
    }
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])
    async def receive():
        return next(asked, None) or await asyncio.Event().wait()
    async def send(message):
        sent.append(message)
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 200, sent
    return b"".join(one.get("body", b"") for one in sent).decode()
"""

CHECK = """
assert "&lt;b&gt;Ghent" in text and "<b>Ghent" not in text, text
"""

APPS = {
    "starlette": """\
from starlette.applications import Starlette
from starlette.routing import Route
import nitro
app = Starlette(routes=[Route("/", lambda request: page())])
nitro.install(app)
text = ask(app)
""",
    "fastapi": """\
from fastapi import FastAPI
import nitro
app = FastAPI()
nitro.install(app)
app.get("/")(page)
text = ask(app)
""",
    "fasthtml": """\
from fasthtml.common import FastHTML
import nitro
app = FastHTML(secret_key="x")
nitro.install(app)
app.get("/")(page)
text = ask(app)
""",
    "litestar": """\
from litestar import Litestar, get
from nitro_litestar import NitroPlugin
page.__annotations__["return"] = Page
index = get("/", sync_to_thread=True)(page)
text = ask(Litestar([index], plugins=[NitroPlugin()]))
""",
    "sanic": """\
import socket
import urllib.request
from sanic import Sanic
import nitro
app = Sanic("wheels")
nitro.install(app)
app.get("/")(lambda request: page())
listener = socket.create_server(("127.0.0.1", 0))
address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
found = []
def read():
    with urllib.request.urlopen(address, timeout=20) as answer:
        found.append(answer.read().decode())
@app.after_server_start
async def started(app):
    async def asked():
        await asyncio.to_thread(read)
        app.stop()
    app.add_task(asked())
app.run(sock=listener, single_process=True, motd=False)
text = found[0]
""",
    "flask": """\
from flask import Flask
from nitro_flask import Nitro
app = Flask("wheels")
Nitro(app)
app.get("/")(page)
text = app.test_client().get("/").text
""",
    "django": """\
import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import include, path
settings.configure(
    SECRET_KEY="x", ALLOWED_HOSTS=["localhost"], ROOT_URLCONF="__main__",
    INSTALLED_APPS=["nitro_django"],
)
django.setup()
urlpatterns = [path("", lambda request: page()), path("", include("nitro_django.urls"))]
text = ask(get_asgi_application())
""",
}


def code(framework: str) -> str:
    """Answer the program for *framework*."""
    return ENTITY + ASK + APPS[framework] + CHECK
