"""One command endpoint, several handlers, answers through signals."""

import json

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from nitro import Entity, ReadSignals, emit_async, emit_signals, event, on


def test_one_endpoint_reaches_every_handler_of_a_command(app: FastAPI, http: TestClient) -> None:
    emitted: list[object] = []

    class Product(Entity):
        name: str = ""
        stock: int = 0

        def restock(self, quantity: int) -> None:
            self.stock += quantity
            self.save()

    class AuditLog(Entity):
        action: str
        product_id: str

    @app.get("/cmds/{command}/{sender}")
    async def commands(command: str, sender: str, request: Request, signals: ReadSignals) -> None:
        backend_signal = event(command)
        await emit_async(backend_signal, sender, signals=signals, request=request)

    @on("product_restock")
    async def handle_restock(sender, signals, request):  # type: ignore[no-untyped-def]
        product = Product.get(signals.product_id)
        product.restock(signals.quantity)
        patch = emit_signals(product.signals)
        emitted.append(patch)
        yield patch

    @on("product_restock")
    async def log_restock(sender, signals, request):  # type: ignore[no-untyped-def]
        AuditLog.create(action="restock", product_id=signals.product_id)

    Product(id="p1", name="Lamp").save()
    signals = json.dumps({"product_id": "p1", "quantity": 5})

    answer = http.get(
        "/cmds/product_restock/client-1",
        params={"datastar": signals},
        headers={"Datastar-Request": "true"},
    )

    assert answer.status_code == 200
    assert Product.get("p1").stock == 5
    assert [entry.product_id for entry in AuditLog.all()] == ["p1"]
    assert len(emitted) == 1


def test_an_unknown_command_changes_nothing_and_costs_nothing(
    app: FastAPI, http: TestClient
) -> None:
    from blinker import default_namespace

    @app.get("/cmds/{command}/{sender}")
    async def commands(command: str, sender: str) -> None:
        await emit_async(event(command), sender)

    for number in range(100):
        http.get(f"/cmds/unknown-{number}/me")

    assert not [name for name in default_namespace if name.startswith("unknown-")]
