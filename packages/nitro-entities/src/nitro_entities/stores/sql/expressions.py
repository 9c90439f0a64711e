"""Simple SQLAlchemy expressions understood as portable conditions: ``Product.price > 5``."""

from typing import Any, cast

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    False_,
    Grouping,
    Null,
    True_,
    UnaryExpression,
)
from sqlalchemy.sql.schema import Column

from nitro_entities.conditions import (
    DEEPEST,
    Compare,
    Condition,
    FieldRef,
    In,
    Not,
    Order,
    all_of,
    any_of,
    too_deep,
)
from nitro_entities.errors import InvalidQuery

_OPERATORS: dict[Any, str] = {
    operators.eq: "eq",
    operators.ne: "ne",
    operators.lt: "lt",
    operators.le: "le",
    operators.gt: "gt",
    operators.ge: "ge",
    operators.is_: "eq",
    operators.is_not: "ne",
}

_TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


def condition_of(expression: Any, depth: int = 0) -> Condition:
    """Answer the portable condition that *expression* means. Raises InvalidQuery."""
    if depth > 3 * DEEPEST:  # each level may stand in parentheses
        raise too_deep()
    if hasattr(expression, "__clause_element__"):
        expression = expression.__clause_element__()
    match expression:
        case Grouping():
            return condition_of(cast("Any", expression).element, depth + 1)
        case BooleanClauseList():
            parts = [condition_of(part, depth + 1) for part in expression.clauses]
            return all_of(parts) if expression.operator is operators.and_ else any_of(parts)
        case UnaryExpression() if expression.operator is operators.inv:
            return ~condition_of(expression.element, depth + 1)
        case BinaryExpression():
            return _comparison(expression)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            raise _unknown(expression)


def order_of(expression: Any) -> Order:
    """Answer the order that *expression* means. Raises InvalidQuery."""
    if hasattr(expression, "__clause_element__"):
        expression = expression.__clause_element__()
    if isinstance(expression, UnaryExpression):
        direction = expression.modifier
        if direction in (operators.asc_op, operators.desc_op):
            return Order(_field(expression.element), direction is operators.desc_op)
    return Order(_field(expression))


def _comparison(expression: "BinaryExpression[Any]") -> Condition:
    left, right, operator = expression.left, expression.right, expression.operator
    if operator in (operators.in_op, operators.not_in_op) and isinstance(right, BindParameter):
        several: Any = right.value
        inside = In(_field(left), tuple(several))
        return inside if operator is operators.in_op else Not(inside)
    known: str | None = _OPERATORS.get(operator)
    if known is None:
        raise _unknown(expression)
    if not _is_field(left) and _is_field(right):
        left, right, known = right, left, _TURNED.get(known, known)
    return Compare(_field(left), known, _value(right, expression))


def _value(element: Any, expression: Any) -> Any:
    match element:
        case BindParameter():
            return cast("Any", element).value
        case Null():
            return None
        case True_():
            return True
        case False_():
            return False
        case _:
            raise _unknown(expression)


def _is_field(element: Any) -> bool:
    return isinstance(element, Column)


def _field(element: Any) -> str:
    if isinstance(element, FieldRef):
        return element.name
    if not _is_field(element):
        raise _unknown(element)
    annotated: Any = getattr(element, "_annotations", {})
    return str(annotated.get("proxy_key", element.key))


def _unknown(expression: Any) -> InvalidQuery:
    return InvalidQuery(
        f"{str(expression)!r} is more than a comparison of a field with a value. Conditions that "
        f"every store understands: ==, !=, <, <=, >, >=, col(field).in_(), .contains(), "
        f".icontains(), .startswith(), .is_null(), combined with &, | and ~"
    )
