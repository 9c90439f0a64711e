"""A list of what is to be done, of the shape that FastHTML's tutorials teach."""

# FastHTML finds sessions and logins by the names of parameters that have no annotation
# mypy: disable-error-code="import-untyped, no-untyped-call, no-untyped-def, untyped-decorator"

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fasthtml.common import (
    H1,
    A,
    Beforeware,
    Button,
    Div,
    Form,
    HTMLResponse,
    Input,
    JSONResponse,
    Li,
    Link,
    P,
    RedirectResponse,
    Request,
    StreamingResponse,
    Titled,
    Ul,
    UploadFile,
    add_toast,
    cookie,
    fast_app,
    setup_toasts,
)


@dataclass
class Task:
    id: int = 0
    title: str = ""
    done: bool = False

    def __ft__(self) -> Any:
        done = " (done)" if self.done else ""
        return Li(
            A(self.title, hx_get=f"/tasks/{self.id}", hx_target="#current"),
            done,
            Button("x", hx_delete=f"/tasks/{self.id}", hx_swap="outerHTML"),
            id=f"task-{self.id}",
        )


tasks: dict[int, Task] = {}
released = asyncio.Event()


def before(req, sess):
    auth = req.scope["auth"] = sess.get("auth")
    return None if auth else RedirectResponse("/login", status_code=303)


def missing(req: Request, exc: Exception) -> Any:
    return Titled("Nothing here", P(req.url.path))


OPEN = [r"/static/.*", r"/lines\.txt", r".*\.css", "/login", "/open/.*", "/favicon.ico"]
app: Any
rt: Any
app, rt = fast_app(
    before=Beforeware(before, skip=OPEN),
    exception_handlers={404: missing},
    hdrs=(Link(rel="stylesheet", href="/site.css"),),
    static_path=str(Path(__file__).parent / "static"),
    secret_key="not a secret",
    exts="ws",
)
setup_toasts(app)
if "INSTALL_NITRO" in os.environ:
    from behaviour.tutorials.with_nitro import install

    install(app)


@rt("/login")
def get() -> Any:
    form = Form(Input(name="user"), Button("In"), action="/login", method="post")
    return Titled("Who are you?", form)


@rt("/login")
def post(user: str, sess):
    if not user:
        return RedirectResponse("/login", status_code=303)
    sess["auth"] = user
    return RedirectResponse("/", status_code=303)


@rt("/logout")
def logout(sess):
    del sess["auth"]
    return RedirectResponse("/login", status_code=303)


@rt("/")
def index(auth, sess):
    sess["seen"] = sess.get("seen", 0) + 1
    new = Form(Input(name="title"), Button("Add"), hx_post="/tasks", hx_target="#list")
    everything = Ul(*tasks.values(), id="list")
    return Titled(f"{auth}'s list, seen {sess['seen']}", new, everything)


@app.post("/tasks")
def add(task: Task) -> Any:
    task.id = len(tasks) + 1
    tasks[task.id] = task
    return task, Input(name="title", hx_swap_oob="true")


@app.get("/tasks/{id}")
def show(id: int) -> Any:
    return Div(tasks[id].title, Button("Done", hx_put=f"/tasks/{id}"), id="current")


@app.put("/tasks/{id}")
async def toggle(id: int, done: bool = True) -> Any:
    tasks[id].done = done
    return tasks[id]


@app.delete("/tasks/{id}")
def remove(id: int) -> None:
    tasks.pop(id, None)


@rt("/open/json")
def as_json(q: str = "", n: int = 3) -> dict[str, Any]:
    return {"q": q, "n": n}


@rt("/open/cookie")
def set_cookie(seen: str = "") -> Any:
    return P(f"seen {seen}"), cookie("seen", "yes")


@rt("/open/toast")
def toast(sess):
    add_toast(sess, "Well done", "success")
    return Titled("Toast")


@rt("/open/fragment")
def fragment() -> tuple[Any, ...]:
    return H1("One"), P("two & three")


@rt("/open/text")
def text() -> str:
    return "a text <b>"


@rt("/open/html")
def html() -> HTMLResponse:
    return HTMLResponse("<p>html", headers={"X-Own": "1"})


@rt("/open/teapot")
def teapot() -> JSONResponse:
    return JSONResponse({"short": "stout"}, status_code=418)


@rt("/open/drip")
async def drip() -> StreamingResponse:
    async def drops() -> AsyncIterator[str]:
        for drop in range(4):
            yield f"drop {drop}\n"

    return StreamingResponse(drops(), media_type="text/plain")


@rt("/open/wait")
async def wait() -> StreamingResponse:
    async def drops() -> AsyncIterator[str]:
        yield "first\n"
        await asyncio.wait_for(released.wait(), 10)
        yield "second\n"

    return StreamingResponse(drops(), media_type="text/plain")


@rt("/open/release")
async def release() -> str:
    released.set()
    return "released"


@rt("/open/upload")
async def upload(file: UploadFile) -> Any:
    return P(f"{file.filename}: {len(await file.read())}")


@rt("/open/size")
async def size(req: Request) -> str:
    return str(len(await req.body()))


@rt("/open/break")
def broken(kind: str = "") -> Any:
    raise {"lookup": LookupError, "denied": PermissionError}.get(kind, ValueError)("a detail")


@app.ws("/open/talk")
async def talk(msg: str, send):
    await send(Div(f"heard {msg}", id="said"))
    return Div("over", id="said")
