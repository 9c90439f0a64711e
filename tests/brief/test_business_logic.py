"""Business logic belongs in entities: orders, products and their events."""

import pytest
from blinker import signal

from nitro import Entity, emit, on


def test_a_product_restocks_itself_and_tells() -> None:
    heard: list[object] = []

    class Product(Entity):
        name: str
        price: float
        stock: int = 0

        def restock(self, quantity: int) -> None:
            self.stock += quantity
            self.save()
            emit("product_restocked", self)

    @on("product_restocked")
    def remember(sender: Product) -> None:
        heard.append(sender.id)

    Product(id="123", name="Lamp", price=9.5).save()

    product = Product.get(id="123")
    product.restock(50)

    assert Product.get("123").stock == 50
    assert heard == ["123"]


def test_an_order_knows_its_rules() -> None:
    order_placed = signal("order-placed")
    heard: list[object] = []
    order_placed.connect(heard.append, weak=False)

    class Order(Entity):
        customer_name: str
        total: float = 0.0
        status: str = "draft"

        def add_item(self, price: float) -> None:
            self.total += price
            self.save()

        def place_order(self) -> None:
            if self.total == 0:
                raise ValueError("Cannot place empty order")
            self.status = "placed"
            self.save()
            order_placed.send(self)

    order = Order(customer_name="Alice")
    with pytest.raises(ValueError, match="Cannot place empty order"):
        order.place_order()
    order.add_item(29.99)
    order.place_order()

    stored = Order.get(order.id)
    assert (stored.status, stored.total) == ("placed", 29.99)
    assert heard == [order]


def test_side_effects_are_decoupled_handlers_of_a_blinker_signal() -> None:
    order_placed = signal("order-placed")
    mails: list[str] = []

    class Product(Entity):
        stock: int = 0

        def reduce_stock(self, quantity: int) -> None:
            self.stock -= quantity
            self.save()

    class AuditLog(Entity):
        action: str
        order_id: str

    class Order(Entity):
        customer_email: str
        product_id: str
        quantity: int
        status: str = "draft"

        def place_order(self) -> None:
            self.status = "placed"
            self.save()
            order_placed.send(self)

    @on(order_placed)
    def send_confirmation_email(order: Order) -> None:
        mails.append(order.customer_email)

    @on(order_placed)
    def update_inventory(order: Order) -> None:
        Product.get(order.product_id).reduce_stock(order.quantity)

    @on(order_placed)
    def create_audit_log(order: Order) -> None:
        AuditLog(action="order_placed", order_id=order.id).save()

    Product(id="lamp", stock=10).save()
    order = Order(customer_email="a@example.org", product_id="lamp", quantity=3)
    order.place_order()

    assert mails == ["a@example.org"]
    assert Product.get("lamp").stock == 7
    assert [entry.order_id for entry in AuditLog.all()] == [order.id]
