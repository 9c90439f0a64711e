"""An application with everything that an attacker could try, for the tests of this folder."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import Field as Limits
from pydantic import SecretStr
from sqlmodel import Field
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

import nitro
import nitro_entities
from nitro import Entity, Form, Page, Secret, SQLEntity, Table, UnitOfWork, action, query

CANARY = "canary-7f3a91"


class Account(SQLEntity):
    name: str = Field(min_length=1, max_length=80)
    balance: int = 0
    level: float = 0.0
    note: str | None = None
    pin: Secret[str] = CANARY

    @action
    def pay_in(self, amount: Annotated[int, Limits(ge=1, le=1000)]) -> None:
        self.balance += amount

    @action
    def fail(self, kind: str) -> None:
        self.balance += 1_000_000
        self.save()
        raise_one(kind)

    @action
    async def later(self) -> None:
        self.balance += 1

    @query
    def worth(self) -> int:
        return self.balance

    @query
    def told(self) -> str:
        self.balance += 1_000_000
        return f"{self.name} has {self.balance}"

    @action
    @classmethod
    def close_all(cls) -> int:
        return len(cls.all())


class Key(Entity):
    label: str
    token: SecretStr = SecretStr(CANARY)
    again: Secret[str] = CANARY


HOSTILE_IDS = [
    "../x", "a/b", "x/delete", "x/rename", "..", ".", "new", "edit", "delete", "rename", "a b",
    "'\"><script>alert(1)</script>", "%2F", "a%2Fb", "?q=1", "#f", "a&b=c", "ü", "\U0001f600",
    "x", "b", "a\\b", "a;b", "a+b", "{id}", "null", "0", " ", "a\tb", "a\u202eb", "z" * 500,
]  # fmt: skip


class Thing(Entity):
    word: str

    @action
    def rename(self, word: str) -> None:
        self.word = word


def raise_one(kind: str) -> None:
    """Raise what *kind* names, as application code does."""
    known: dict[str, BaseException] = {
        "value": ValueError("This cannot be."),
        "key": KeyError(CANARY),
        "runtime": RuntimeError(f"{CANARY} in /etc/passwd"),
        "lookup": LookupError(CANARY),
        "permission": PermissionError(CANARY),
        "timeout": TimeoutError(CANARY),
        "os": OSError(CANARY),
        "type": TypeError(CANARY),
        "zero": ZeroDivisionError(CANARY),
        "assertion": AssertionError(CANARY),
        "recursion": RecursionError(CANARY),
        "memory": MemoryError(CANARY),
        "unicode": UnicodeDecodeError("utf-8", b"\xff", 0, 1, CANARY),
        "stop": StopIteration(CANARY),
        "stopasync": StopAsyncIteration(CANARY),
        "group": ExceptionGroup(CANARY, [ValueError(CANARY)]),
        "http404": HTTPException(404, "There is no such thing"),
        "exit": SystemExit(CANARY),
        "generator": GeneratorExit(CANARY),
        "surrogate": ValueError("half \ud800"),
    }
    if kind == "invalid":
        Account(name="", balance=CANARY)
    if kind == "sql":
        Account.where(nothing=CANARY)
    raise known[kind]


class Passing(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)


if seconds := os.environ.get("HOSTILE_BUSY_TIMEOUT"):
    nitro_entities.configure(busy_timeout=float(seconds))
app = FastAPI()
if os.environ.get("HOSTILE_MIDDLEWARE"):
    app.add_middleware(Passing)
nitro.install(app)
nitro.configure(user=lambda request: request.headers.get("x-user"))
accounts = (
    Table.from_entity(Account)
    .with_actions(["create", "edit", "delete", Account.pay_in])
    .with_search()
    .reactive()
)


@app.get("/")
def index() -> Page:
    return Page(accounts, title="Accounts")


@app.get("/things-table")
def things_table() -> Page:
    return Page(
        Table.from_entity(Thing)
        .with_actions(["create", "edit", "delete", Thing.rename])
        .pages(100)
        .reactive(),
        title="Things",
    )


@app.post("/things-reset")
def reset_things() -> None:
    for thing in Thing.all():
        thing.delete()
    for id in HOSTILE_IDS:
        Thing(id=id, word=f"word of {id}").save()


@app.get("/things-words")
def words() -> dict[str, str]:
    return {thing.id: thing.word for thing in Thing.all()}


@app.get("/name-form/{id}")
def name_form(id: str) -> Page:
    return Page(Form.from_entity(Account.get(id)).only("name"), title="Name")


@app.post("/transfer/{source}/{target}")
def transfer(source: str, target: str) -> None:
    giving, taking = Account.get(source), Account.get(target)
    giving.balance -= 1
    giving.save()
    taking.balance += 1
    taking.save()


@app.post("/keys-make")
def make_key() -> dict[str, object]:
    return Key(label="a key").save().signals


@app.get("/form")
def form() -> Page:
    return Page(Form.from_entity(Account).on_saved(redirect="/"), title="New account")


@app.get("/keys")
def keys() -> Page:
    return Page(
        Table.from_entity(Key), *[Form.from_entity(key) for key in Key.all()],
        *[key.to_card() for key in Key.all()], title="Keys",
    )  # fmt: skip


@app.post("/work/{id}/{how}", response_model=None)
def work(id: str, how: str, background: BackgroundTasks) -> object:
    account = Account.get(id)
    account.balance += 1
    account.save()
    match how:
        case "return-400":
            return JSONResponse({}, 400)
        case "return-tuple":
            return {"balance": account.balance}
        case "http-400":
            raise HTTPException(400, "No")
        case "http-302":
            raise HTTPException(302, headers={"location": "/"})
        case "crash":
            raise RuntimeError(CANARY)
        case "stream":
            return StreamingResponse(streamed(id))
        case "stream-crash":
            return StreamingResponse(crashing())
        case "background":
            background.add_task(add, id, 10)
            return {}
        case "background-direct":
            tasks = BackgroundTasks()
            tasks.add_task(add, id, 10)
            return JSONResponse({}, background=tasks)
        case "nested":
            with UnitOfWork():
                account.balance += 1
                account.save()
            try:
                with UnitOfWork():
                    account.balance += 100
                    account.save()
                    raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            account.balance = 2
            account.save()
            return {}
        case "nested-then-400":
            with UnitOfWork():
                account.balance += 1
                account.save()
            raise HTTPException(400, "No")
        case "unserialisable":
            return object()
        case _:
            raise_one(how)
            return None


@app.post("/async-work/{id}/{how}", response_model=None)
async def async_work(id: str, how: str) -> object:
    account = await Account.aget(id)
    account.balance += 1
    await account.asave()
    if how == "crash":
        raise RuntimeError(CANARY)
    if how == "http-400":
        raise HTTPException(400, "No")
    return {"balance": account.balance}


def add(id: str, amount: int) -> None:
    account = Account.get(id)
    account.balance += amount
    account.save()


def streamed(id: str) -> Iterator[str]:
    yield str(Account.get(id).balance)
    add(id, 10)


def crashing() -> Iterator[str]:
    yield "begun"
    raise RuntimeError(CANARY)


def saving_dependency(id: str) -> Iterator[Account]:
    account = Account.get(id)
    account.balance += 1
    account.save()
    yield account
    add(id, 10)


def refusing_dependency(id: str) -> Iterator[Account]:
    account = Account.get(id)
    account.balance += 1
    account.save()
    yield account
    raise HTTPException(400, "Refused at the end")


async def async_dependency(id: str) -> AsyncIterator[Account]:
    account = await Account.aget(id)
    account.balance += 1
    yield account


@app.post("/depends/{id}", response_model=None)
def depends(account: Annotated[Account, Depends(saving_dependency)]) -> object:
    account.balance += 1
    return {"balance": account.balance}


@app.post("/depends-crash/{id}", response_model=None)
def depends_crash(account: Annotated[Account, Depends(saving_dependency)]) -> object:
    raise HTTPException(400, "No")


@app.post("/depends-async/{id}", response_model=None)
async def depends_async(account: Annotated[Account, Depends(async_dependency)]) -> object:
    account.balance += 1
    return {"balance": account.balance}


@app.get("/read/{id}")
def read(id: str) -> dict[str, int]:
    account = Account.get(id)
    account.balance += 1
    account.save()
    return {"balance": account.balance}
