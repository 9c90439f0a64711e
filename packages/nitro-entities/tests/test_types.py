"""Of every type: what is stored comes back equal, or is refused in words."""

# checkers cannot know what these tests make, or they ask for what is wrong on purpose
# mypy: disable-error-code="call-arg,index,misc,valid-type"

import collections
import dataclasses
import enum
import ipaddress
import os
import pathlib
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, NewType, Optional
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FutureDate,
    HttpUrl,
    Json,
    PastDate,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    SecretBytes,
    SecretStr,
    ValidationError,
    computed_field,
    field_validator,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from nitro_entities import (
    Entity,
    InvalidQuery,
    MemoryRepo,
    RedisRepo,
    Secret,
    SQLEntity,
    SQLModelBackend,
    col,
)
from nitro_entities.errors import DefinitionError, EntityError, NotStorable
from nitro_entities.fields import Unique, specs
from nitro_entities.fields.differences import differing

ROOTS = ["memory", "sqlite", "mapped", "postgresql", "redis"]
BERLIN = ZoneInfo("Europe/Berlin")
EXAMPLES = 10_000 if os.environ.get("NITRO_PROOF") == "1" else 300


class Flag(enum.Flag):
    A = 1
    B = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Shade(enum.StrEnum):
    DARK = "dark"


class Mixed(enum.Enum):
    HALF = 1.5
    WORD = "x"
    YES = True


class Pairs(enum.Enum):
    ONE = (1, 2)


class Point(NamedTuple):
    x: int
    label: str = ""


class Loose(TypedDict, total=False):
    when: datetime


@dataclasses.dataclass
class Line:
    amount: Decimal
    tags: list[str] = dataclasses.field(default_factory=list)


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel)

    raw_bytes: bytes = Field(b"", exclude=True)
    unit_price: float = 0
    code: SecretStr = SecretStr("")
    inner: "Part | None" = None

    @computed_field
    def double(self) -> float:
        return self.unit_price * 2


class Special(Part):
    more: int = 1


class Hidden(BaseModel):
    name: str
    _seen: int = PrivateAttr(0)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class Whole(RootModel[list[int]]):
    pass


class OnlyDay(BaseModel):
    when: Annotated[datetime, PlainSerializer(lambda value: value.strftime("%Y-%m-%d"))]


class OwnText(str):
    __slots__ = ()


class Unknown:
    size: list[int]


UserId = NewType("UserId", str)


def define(root: str, annotation: Any, **more: Any) -> Any:
    """Define an entity class with one field, ``value``, of this annotation."""
    name = f"Of{uuid.uuid4().hex}"
    annotations: dict[str, Any] = {"value": annotation}
    body = {"__module__": __name__, "__qualname__": name, "__annotations__": annotations, **more}
    if root == "mapped":
        return type(SQLEntity)(name, (SQLEntity,), body)
    annotations["_persistence_backend_class"] = ClassVar[Any]
    body["_persistence_backend_class"] = backend_of(root)
    return type(Entity)(name, (Entity,), body)


def backend_of(root: str) -> Any:
    return {"memory": MemoryRepo, "redis": RedisRepo}.get(root, SQLModelBackend)


def stored(cls: Any, value: Any) -> tuple[Any, Any]:
    """Answer the value as validated, and as it came back."""
    entity = cls(value=value)
    entity.save()
    found = cls.get(entity.id)
    assert found.changed == frozenset()
    return entity.value, found.value


@pytest.fixture(params=ROOTS)
def root(request: pytest.FixtureRequest, use_database: Callable[[str], None]) -> str:
    use_database(request.param)
    return str(request.param)


BACK = [
    (str, ["", "é", "a\u2028b", "\U0001f600"]),
    (bytes, [b"", b"\x00\xff"]),
    (int, [-(2**63), 2**63 - 1]),
    (float, [float("inf"), -0.0, 5e-324]),
    (Decimal, [Decimal("1.50"), Decimal("-0.0"), Decimal("1E+50")]),
    (date, [date.min, date.max]),
    (datetime, [datetime.min, datetime.max, datetime(2024, 1, 2, tzinfo=BERLIN)]),
    (datetime, [datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1)]),
    (datetime, [datetime(1900, 1, 1, tzinfo=timezone(timedelta(seconds=17)))]),
    (time, [time(23, 59, 59, 999_999)]),
    (timedelta, [timedelta(microseconds=-1), timedelta(days=-100_000, microseconds=7)]),
    (Flag, [Flag.A, Flag.A | Flag.B]),
    (Level, list(Level)),
    (Shade, list(Shade)),
    (Mixed, list(Mixed)),
    (Literal["a", 1], ["a", 1]),
    (Literal["a", None], ["a", None]),
    (Optional[Optional[int]], [None, 1]),  # noqa: UP045
    (UserId, ["x"]),
    (PastDate, [date(2000, 1, 1)]),
    (SecretStr, [SecretStr("x")]),
    (SecretBytes, [SecretBytes(b"\xff")]),
    (list[SecretStr], [[SecretStr("x")]]),
    (complex, [1 + 2j]),
    (Point, [Point(1)]),
    (Loose, [{"when": datetime(2000, 1, 1, tzinfo=BERLIN)}, {}]),
    (Line, [Line(Decimal("1.00"), ["x"])]),
    (Part, [Part(rawBytes=b"\xff", unitPrice=float("inf"), code=SecretStr("x"), inner=Part())]),
    (Open, [Open(a=1, b=[None])]),
    (Cat | Dog, [Cat(), Dog()]),
    (Annotated[Cat | Dog, Field(discriminator="kind")], [Cat(), Dog()]),
    (Whole, [Whole([1])]),
    (set[str], [{"a", "b"}]),
    (frozenset[int], [frozenset({1})]),
    (set[int | str], [{1, "1"}]),
    (collections.deque[int], [collections.deque([1])]),
    (collections.defaultdict[str, int], [collections.defaultdict(int, a=1)]),
    (collections.OrderedDict[str, int], [collections.OrderedDict(b=1, a=2)]),
    (collections.Counter[str], [collections.Counter("aab")]),
    (pathlib.Path, [pathlib.Path("a/b")]),
    (ipaddress.IPv4Address, [ipaddress.IPv4Address("1.2.3.4")]),
    (ipaddress.IPv6Network, [ipaddress.IPv6Network("::/8")]),
    (HttpUrl, [HttpUrl("http://a.example/")]),
    (Sequence[int], [[1]]),
    (Mapping[str, int], [{"a": 1}]),
    (tuple[int, ...], [(), (1, 2)]),
    (list[bytes], [[b"\xff", b""]]),
    (list[str], [["a\0", "", "NaN"]]),
    (list[int], [[10**30]]),
    (list[Decimal], [[Decimal("1.00"), Decimal("1E+50")]]),
    (list[timedelta], [[timedelta.min, timedelta.max, timedelta(-1, microseconds=3)]]),
    (list[float], [[float("-inf"), -0.0]]),
    (list[datetime], [[datetime(1900, 1, 1, tzinfo=BERLIN), datetime.min]]),
    (dict[int, dict[date, list[uuid.UUID]]], [{-1: {date.min: [uuid.UUID(int=0)]}}]),
    (dict[float, int], [{1.5: 1}]),
    (dict[Level, int], [{Level.LOW: 1}]),
    (dict[Shade, int], [{Shade.DARK: 1}]),
    (dict[bytes, int], [{b"\xff": 1}]),
    (dict[bool, int], [{True: 1}]),
    (dict[datetime, int], [{datetime(2000, 1, 1, tzinfo=UTC): 1}]),
    (list[tuple[tuple[int, int], str]], [[((1, 2), "x")]]),
    (int | str, [1, "1"]),
    (int | float, [1, 1.0]),
    (bool | int, [True, 1]),
    (Decimal | float, [Decimal("1.5"), 1.5]),
    (datetime | date, [date(2000, 1, 1), datetime(2000, 1, 1)]),
    (date | str, [date(2000, 1, 1), "x"]),
    (Any, [1, True, 1.0, "x", [1, {"a": None}], None]),
    (dict[str, Any], [{"a": [1, "2000-01-01"]}]),
    (Annotated[str, AfterValidator(str.strip)], [" a "]),
    (Annotated[datetime, PlainSerializer(lambda _: "x")], [datetime(2000, 1, 1)]),
]


def named(value: object) -> str:
    """Name a test by its type; values have no fixed spelling (sets), and every worker asks."""
    return "values" if isinstance(value, list) else str(value)[:60]


@pytest.mark.parametrize(("annotation", "values"), BACK, ids=named)
def test_it_comes_back_equal_and_of_the_same_type(root: str, annotation: Any, values: Any) -> None:
    cls = define(root, annotation)

    for value in values:
        was, is_ = stored(cls, value)
        assert differing(was, is_) is None, (was, is_)


REFUSED = [
    (Callable[[], int], "holds a function.*Use str"),
    (type[int], "holds a class.*Use str"),
    (Iterable[int], r"only once.*Use list\[…\]"),
    (Iterator[int], r"only once.*Use list\[…\]"),
    (bytearray, "Use bytes"),
    (OwnText, "OwnText, which would come back as a str. Use str"),
    (list[Unknown], "Unknown, and pydantic knows no JSON for it. Make Unknown a BaseModel"),
    (Json[list[int]], "parsed again.*Use the type inside"),
    (list[Json[int]], "parsed again.*Use the type inside"),
    (Pairs, "member ONE.*Give its members texts or whole numbers"),
    (dict[tuple[int, int], str], r"keys \(tuple\).*Use list\[tuple\[K, V\]\]"),
    (dict[int | None, str], r"keys \(None\).*Use list\[tuple\[K, V\]\]"),
    (dict[Flag, str], r"keys.*Use list\[tuple\[K, V\]\]"),
    (dict[Literal[1, 2], str], r"keys.*Use list\[tuple\[K, V\]\]"),
    (FutureDate, "past some day.*Use date"),
    (list[FutureDate], "past some day.*Use date"),
    (Unique[list[str]], "cannot be unique.*field of its own"),
]


@pytest.mark.parametrize(("annotation", "words"), REFUSED, ids=lambda x: str(x)[:60])
def test_it_is_refused_when_the_class_is_defined(root: str, annotation: Any, words: str) -> None:
    with pytest.raises(DefinitionError, match=rf"^Of\w+\.value: .*{words}"):
        define(root, annotation)


def test_a_type_that_is_known_later_is_checked_then() -> None:
    class Waiting(Entity):
        value: "dict[Later, int]"  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(DefinitionError, match=r"Waiting\.value"):
        Waiting.model_rebuild(_types_namespace={"Later": tuple[int, int]})
        specs(Waiting)


def _private() -> Hidden:
    hidden = Hidden(name="x")
    hidden._seen = 5
    return hidden


def _circle() -> list[Any]:
    circle: list[Any] = []
    circle.append(circle)
    return circle


NOT_STORABLE = [
    (str, "a\0", "NUL.*Remove it, or use bytes"),
    (str, "\ud800", "surrogate.*errors='replace'"),
    (SecretStr, SecretStr("h\0sh"), "NUL"),
    (int, 2**63, "64 bits. Use Decimal or str"),
    (float, float("nan"), r"nan.*float \| None"),
    (Decimal, Decimal("1E+20000"), "Round it, or use str"),
    (Decimal, Decimal("1E-20000"), "Round it, or use str"),
    (timedelta, timedelta.max, "292,000 years"),
    (time, time(1, tzinfo=UTC), "Use AwareDatetime"),
    (list[time], [time(1, tzinfo=BERLIN)], "zone.*Use AwareDatetime"),
    (datetime, datetime.min.replace(tzinfo=timezone(timedelta(hours=2))), "years 1 to 9999"),
    (list[datetime], [datetime.max.replace(tzinfo=timezone(-timedelta(hours=2)))], "years 1"),
    (list[str], ["\ud800"], "surrogate"),
    (dict[str, int], {"\ud800": 1}, "keys"),
    (list[float], [float("nan")], r"at \[0\], nan.*float \| None"),
    (Any, {"a": datetime(2000, 1, 1)}, r"at \['a'\], the datetime.*as a str. Declare"),
    (Any, (1, 2), "the tuple would come back as a list"),
    (Any, {1: 2}, "keys.*Declare the type of the keys"),
    (Any, Decimal(1), "Decimal.*Declare"),
    (Any, b"x", "bytes.*Declare"),
    (Any, Shade.DARK, "Shade.*Declare"),
    (Open, Open(a=datetime(2000, 1, 1)), "datetime"),
    (date | str, "2000-01-01", "the str would come back as a date"),
    (uuid.UUID | str, str(uuid.UUID(int=0)), "the str would come back as a UUID"),
    (dict[int | str, int], {1: 1, "1": 2}, "keys"),
    (Part, Special(), "the Special would come back as a Part.*discriminator"),
    (Hidden, _private(), "private attributes of a Hidden.*Use a field"),
    (OnlyDay, OnlyDay(when=datetime(2000, 1, 1, 5)), "serializer"),
    (Annotated[str, AfterValidator(lambda v: v + "!")], "a", "again at every load"),
    (list[Annotated[str, AfterValidator(lambda v: v + "!")]], ["a"], "serializer or validator"),
]


@pytest.mark.parametrize(
    ("annotation", "value", "words"), NOT_STORABLE, ids=lambda x: ascii(x)[:60]
)
def test_it_is_refused_at_the_save(root: str, annotation: Any, value: Any, words: str) -> None:
    cls = define(root, annotation)
    entity = cls(value=value)

    with pytest.raises(NotStorable, match=words) as caught:
        entity.save()

    assert (caught.value.entity, caught.value.field, caught.value.id) == (cls, "value", entity.id)
    assert cls.count() == 0
    assert entity.is_new


def test_objects_of_plain_classes_live_in_memory_alone(root: str) -> None:
    for annotation in (Any, object, list):
        cls = define(root, annotation)
        mine = Unknown()
        mine.size = [1]
        entity = cls(value=[mine])
        if root != "memory":
            with pytest.raises(NotStorable, match="Unknown"):
                entity.save()
            continue

        entity.save()
        mine.size.append(2)

        assert entity.changed == {"value"}
        found = cls.get(entity.id)
        assert found.value[0].size == [1]
        assert found.changed == frozenset()
        found.value[0].size = [3]
        found.save()
        assert cls.get(entity.id).value[0].size == [3]


def test_an_object_that_cannot_be_copied_is_refused(root: str) -> None:
    cls = define(root, Any)

    with pytest.raises(NotStorable, match="lock"):
        cls(value=threading.Lock()).save()


def test_an_object_that_contains_itself_is_refused(root: str) -> None:
    cls = define(root, Any)
    entity = cls(value=1)
    entity.__dict__["value"] = _circle()

    with pytest.raises(NotStorable, match="contains itself"):
        entity.save()


def test_a_secret_is_in_no_refusal(root: str) -> None:
    cls = define(root, Secret[int])

    with pytest.raises(NotStorable) as caught:
        cls(value=2**63 + 12345).save()

    assert "12345" not in str(caught.value)
    other = define(root, Secret[str])
    with pytest.raises(NotStorable) as caught:
        other(value="hush\0").save()
    assert "hush" not in str(caught.value)


def test_a_default_that_does_not_fit_is_refused_when_the_class_is_defined(root: str) -> None:
    with pytest.raises(DefinitionError, match=r"value: str \| None = None"):
        define(root, str, value=None)
    with pytest.raises(DefinitionError, match="default"):
        define(root, int, value="many")
    with pytest.raises(DefinitionError, match=r"Write datetime\.date\(2000, 1, 1\)"):
        define(root, date, value="2000-01-01")
    with pytest.raises(DefinitionError, match="Write True"):
        define(root, bool, value="yes")


@pytest.mark.parametrize(("annotation", "default"), [(float, 0), (Decimal, 0), (Shade, "dark")])
def test_a_default_of_another_spelling_comes_back_as_it_is_declared(
    root: str, annotation: Any, default: Any
) -> None:
    cls = define(root, annotation, value=default)
    entity = cls()
    entity.save()

    found = cls.get(entity.id)

    assert found.value == default
    assert type(found.value) is annotation


def test_a_validator_that_changes_its_own_result_is_refused(root: str) -> None:
    def hashed(_: Any, value: str) -> str:
        return f"hash({value})"

    cls = define(root, str, hash_it=field_validator("value")(classmethod(hashed)))

    with pytest.raises(NotStorable, match="change the value in a method"):
        cls(value="x").save()


def test_a_validator_that_looks_at_other_fields_is_left_alone(root: str) -> None:
    def with_id(_: Any, value: list[str], info: Any) -> list[str]:
        assert info.data["id"]
        return value

    cls = define(root, list[str], look=field_validator("value")(classmethod(with_id)))

    assert stored(cls, ["a"]) == (["a"], ["a"])


def test_strict_classes_load_what_they_stored(root: str) -> None:
    class_ = define(root, date, model_config={"strict": True})
    field = define(root, Annotated[uuid.UUID, Field(strict=True)])

    assert stored(class_, date(2000, 1, 1))[1] == date(2000, 1, 1)
    assert stored(field, uuid.UUID(int=1))[1] == uuid.UUID(int=1)


def test_aliases_exclusion_and_odd_names_of_fields_make_no_difference(root: str) -> None:
    base: Any = SQLEntity if root == "mapped" else Entity
    name = f"Odd{uuid.uuid4().hex}"
    annotations = {
        "alias": str, "hidden": int, "select": str, "größe": float, "backend": ClassVar[Any]
    }  # fmt: skip
    body: dict[str, Any] = {
        "__module__": __name__,
        "__qualname__": name,
        "__annotations__": annotations,
        "alias": Field(validation_alias="FIRST", serialization_alias="1st"),
        "hidden": Field(exclude=True),
        "double": computed_field(property(_double)),
    }
    if root != "mapped":
        annotations["_persistence_backend_class"] = ClassVar[Any]
        body["_persistence_backend_class"] = backend_of(root)
    cls: Any = type(base)(name, (base,), body)

    odd = cls(**{"FIRST": "a", "hidden": 7, "select": "*", "größe": 1.5})
    odd.save()
    found = cls.get(odd.id)

    assert (found.alias, found.hidden, found.select, found.größe) == ("a", 7, "*", 1.5)
    assert found.double == 14
    assert cls.where(hidden=7, select="*").order_by("größe").count() == 1


def _double(self: Any) -> int:
    return int(self.hidden) * 2


EQUAL = [
    (Decimal, Decimal("1.0"), Decimal("1.00")),
    (Decimal, Decimal("-0.0"), Decimal(0)),
    (float, -0.0, 0.0),
    (AwareDatetime, datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2024, 1, 1, 13, tzinfo=BERLIN)),
    (Level, Level.LOW, 1),
    (Shade, Shade.DARK, "dark"),
]


@pytest.mark.parametrize(("annotation", "one", "other"), EQUAL)
def test_equal_values_are_equal_in_queries(
    root: str, annotation: Any, one: Any, other: Any
) -> None:
    cls = define(root, annotation)
    entity = cls.create(value=one)

    for value in (one, other):
        assert cls.where(value=value).count() == 1
        assert cls.where(col(cls, "value").in_([value])).count() == 1
        assert cls.where(col(cls, "value") <= value).count() == 1
        assert cls.where(col(cls, "value") < value).count() == 0
        assert cls.where(col(cls, "value") != value).count() == 0
    entity.value = other
    assert entity.changed in (frozenset(), {"value"})  # 1.0 may become 1.00


@pytest.mark.parametrize(("annotation", "one", "other"), EQUAL)
def test_equal_values_are_equal_to_a_unique_field(
    root: str, annotation: Any, one: Any, other: Any
) -> None:
    cls = define(root, Unique[annotation])
    cls.create(value=one)

    with pytest.raises(EntityError, match=r"the same value|UNIQUE"):
        cls.create(value=other)
    assert cls.first().value == one


def test_naive_and_aware_moments_sort_by_the_clock_and_are_never_equal(root: str) -> None:
    cls = define(root, datetime)
    noon = datetime(2024, 1, 1, 12)
    cls.create(value=noon.replace(tzinfo=UTC))
    cls.create(value=noon)
    cls.create(value=datetime(2024, 1, 1, 12, 30, tzinfo=BERLIN))

    found = [entity.value for entity in cls.where().order_by("value")]

    assert [moment.tzinfo is None for moment in found] == [False, True, False]
    assert cls.where(value=noon).count() == 1


LOSSY = [
    (int, 1.5), (int, True), (int, 2**63), (float, True), (float, "x"), (float, 2**53 + 1),
    (float, float("nan")), (float, Decimal("0.10000000000000000000001")), (Decimal, "x"),
    (Decimal, False), (str, 1), (str, "a\0"), (bool, 2), (date, datetime(2024, 1, 1, 5)),
    (AwareDatetime, datetime(2024, 1, 1)), (AwareDatetime, True), (Level, 3), (uuid.UUID, 1),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "value"), LOSSY)
def test_a_comparison_that_would_change_its_value_is_refused(annotation: Any, value: Any) -> None:
    cls = define("memory", annotation)

    with pytest.raises(InvalidQuery, match="value cannot be compared with"):
        cls.where(value=value)


FITTING = [
    (int, "5", 5), (int, 5.0, 5), (float, 5, 5.0), (Decimal, 0.1, Decimal("0.1")),
    (float, Decimal("0.1"), 0.1), (bool, 1, True), (Level, Level.LOW, Level.LOW),
    (date, "2024-01-01", date(2024, 1, 1)), (uuid.UUID, str(uuid.UUID(int=1)), uuid.UUID(int=1)),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "value", "meant"), FITTING)
def test_a_comparison_reads_text_and_other_numbers(
    root: str, annotation: Any, value: Any, meant: Any
) -> None:
    cls = define(root, annotation)
    cls.create(value=meant)

    assert cls.where(value=value).count() == 1


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_text_that_nothing_can_contain_is_not_found(root: str, text: str) -> None:
    cls = define(root, str)
    cls.create(value="a")

    for op in ("contains", "icontains", "startswith"):
        assert cls.where(getattr(col(cls, "value"), op)(text)).count() == 0
    assert cls.get_or_none(text) is None
    assert cls.get_many([text]) == []


def test_equal_sets_are_no_change(root: str) -> None:
    cls = define(root, set[str])
    entity = cls.create(value={"a", "b", "c"})

    entity.value = set(reversed(sorted(entity.value)))

    assert entity.changed == frozenset()


LEAVES = {
    str: st.text(st.characters(exclude_categories=())),
    int: st.integers(-(2**70), 2**70),
    float: st.floats(),
    bool: st.booleans(),
    bytes: st.binary(max_size=20),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.none() | st.timezones()),
    time: st.times(timezones=st.none() | st.just(UTC)),
    timedelta: st.timedeltas(),
    uuid.UUID: st.uuids(),
    Flag: st.sampled_from(list(Flag)),
    Level: st.sampled_from(list(Level)),
    Shade: st.sampled_from(list(Shade)),
    Mixed: st.sampled_from(list(Mixed)),
    Any: st.from_type(int) | st.text() | st.dates() | st.tuples(st.integers()) | st.none(),
    Point: st.builds(Point, st.integers(), st.text()),
    Cat | Dog: st.sampled_from([Cat(), Dog()]),
    date | str: st.dates() | st.text() | st.dates().map(str),
    int | str: st.integers() | st.text(),
    Line: st.builds(Line, st.decimals(allow_nan=False, allow_infinity=False), st.just(["x"])),
    SecretStr: st.text().map(SecretStr),
    pathlib.Path: st.text("abc/.").map(pathlib.Path),
    Unknown: st.builds(Unknown),
}
KEYS = [
    str,
    int,
    float,
    bool,
    bytes,
    Decimal,
    date,
    datetime,
    uuid.UUID,
    Level,
    Shade,
    Flag,
    Point,
]


@st.composite
def typed(draw: st.DrawFn, depth: int = 2) -> tuple[Any, st.SearchStrategy[Any]]:
    """Draw an annotation and a strategy for its values."""
    shape = draw(st.sampled_from(["leaf", "list", "set", "tuple", "dict", "optional"]))
    if depth == 0 or shape == "leaf":
        leaf = draw(st.sampled_from(list(LEAVES)))
        return leaf, LEAVES[leaf]
    inner, values = draw(typed(depth - 1))
    if shape == "optional":
        return Optional[inner], st.none() | values  # noqa: UP045
    if shape == "tuple":
        return tuple[inner, int], st.tuples(values, st.integers())
    if shape == "list":
        return list[inner], st.lists(values, max_size=3)
    key = draw(st.sampled_from(KEYS))
    if shape == "set":
        return set[key], st.sets(LEAVES[key], max_size=3)
    return dict[key, inner], st.dictionaries(LEAVES[key], values, max_size=3)


def test_any_value_of_any_type_comes_back_equal_or_is_refused(root: str) -> None:
    seen: collections.Counter[str] = collections.Counter()

    @settings(
        max_examples=EXAMPLES // 5,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(typed(), st.data())
    def check(drawn: tuple[Any, st.SearchStrategy[Any]], data: st.DataObject) -> None:
        annotation, values = drawn
        try:
            cls = define(root, annotation)
        except DefinitionError:
            seen["refused at the definition"] += 1
            return
        for value in data.draw(st.lists(values, min_size=5, max_size=5)):
            try:
                was, is_ = stored(cls, value)
            except (ValidationError, NotStorable) as refused:
                seen[type(refused).__name__] += 1
                continue
            assert differing(was, is_) is None, (annotation, was, is_)
            seen["equal"] += 1

    check()

    assert seen["equal"] > EXAMPLES / 4
    if EXAMPLES > 1_000:
        assert seen["NotStorable"]
        assert seen["refused at the definition"]
