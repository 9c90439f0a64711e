"""A page that browsers may keep as it is while somebody is elsewhere, which ours forbid."""

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import nitro
from nitro import Page, SQLEntity, Table


class Ferry(SQLEntity, table=True):
    name: str
    cars: int = 0


class Kept:
    """Takes ``no-store`` off every answer: not all browsers heed it when somebody goes back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(n, v) for n, v in message["headers"] if v != b"no-store"]
                message = {**message, "headers": kept}
            await send(message)

        await self.app(scope, receive, sent)


app = FastAPI()
nitro.install(app)
nitro.configure(policy=lambda caller, operation, target: True)
app.add_middleware(Kept)

if Ferry.first() is None:
    Ferry.create(id="f1", name="Bastø", cars=1)


@app.get("/")
def index() -> Page:
    return Page(Table.from_entity(Ferry).with_actions(["edit"]), title="Ferries")


@app.get("/elsewhere")
def elsewhere() -> Page:
    return Page("Nothing", title="Elsewhere", live=False)
