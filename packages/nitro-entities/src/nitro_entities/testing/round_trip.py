"""Values come back as they went in, or are refused with the name of their field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nitro_entities import DefinitionError, NotStorable, col
from nitro_entities.repository import Ability
from nitro_entities.testing.contract import Contract, needs, rounds, thorough
from nitro_entities.testing.portable import DOUBTFUL, PORTABLE, Portable, same

_BATCH = 5
kinds = pytest.mark.parametrize("kind", PORTABLE.values(), ids=PORTABLE)


class RoundTripContract(Contract):
    """Values come back unchanged"""

    @kinds
    def test_a_value_comes_back_as_it_was(self, kind: Portable) -> None:
        cls = self._class_with(kind.annotation)
        for value in kind.corners:
            self._goes_round(cls, [value])
        self._goes_round(cls, kind.corners)

        @thorough(rounds(8, 2_000), 2_000)
        @given(st.lists(kind.drawn, min_size=1, max_size=_BATCH))
        def check(values: list[Any]) -> None:
            self._goes_round(cls, values)

        check()

    @kinds
    def test_a_value_can_be_changed_into_another_and_removed(self, kind: Portable) -> None:
        cls = self._class_with(kind.annotation)
        corners = list(kind.corners)
        mine = cls.create(value=corners[0], maybe=None)
        for before, after in zip([corners[0], *corners], [*corners, corners[0]], strict=True):
            mine.value = after
            mine.maybe = before
            mine.save()
            self._is(cls.get(mine.id), after, before)
            mine.maybe = None
            mine.save()
            self._is(cls.get(mine.id), after, None)
            assert cls.get(mine.id).changed == frozenset()

    @kinds
    @needs(Ability.QUERY)
    def test_a_value_is_found_by_itself(self, kind: Portable) -> None:
        cls = self._class_with(kind.annotation)
        made = self.fill(cls, [{"value": value, "maybe": value} for value in kind.corners])
        made += self.fill(cls, [{"value": kind.corners[0], "maybe": None}])
        for entity in made:
            found = cls.where(id=entity.id).first()
            self._is(found, entity.value, entity.maybe)
            if kind.comparable:
                for name in ("value", "maybe"):
                    value = getattr(entity, name)
                    wanted = sorted(one.id for one in made if getattr(one, name) == value)
                    ids = [one.id for one in cls.where(**{name: value})]
                    assert ids == wanted, (name, value)
        missing = [one.id for one in made if one.maybe is None]
        assert [one.id for one in cls.where(col(cls, "maybe").is_null())] == sorted(missing)

    @pytest.mark.parametrize(
        "kind",
        [k for k in PORTABLE.values() if k.refused],
        ids=[name for name, k in PORTABLE.items() if k.refused],
    )
    def test_what_no_store_can_keep_is_refused(self, kind: Portable, within: Any) -> None:
        cls = self._class_with(kind.annotation)
        mine = cls.create(value=kind.corners[0])
        for value in kind.refused:
            with pytest.raises((NotStorable, ValidationError)) as caught, within():
                cls.create(id="new", value=value)
            assert "value" in str(caught.value)
            if isinstance(caught.value, NotStorable):
                assert (caught.value.entity, caught.value.field) == (cls, "value")
            with pytest.raises((NotStorable, ValidationError), match="maybe"), within():
                mine.maybe = value
                mine.save()
            mine.maybe = None
            assert cls.get_or_none("new") is None
            self._is(cls.get(mine.id), kind.corners[0], None)

    @pytest.mark.parametrize("name", DOUBTFUL)
    def test_what_a_store_may_refuse_is_not_changed(self, name: str) -> None:
        annotation, value = DOUBTFUL[name]
        try:
            cls = self._class_with(annotation)
            saved = cls.create(value=value)
        except (NotStorable, ValidationError, DefinitionError) as refused:
            assert "value" in str(refused)
        else:
            found = cls.get(saved.id).value
            assert same(value, found) or repr(value) == repr(found)

    def test_missing_is_not_empty(self, item: Any) -> None:
        item.create(id="a", note="", price=0.0)
        item.create(id="b", note=None, price=None)
        assert (item.get("a").note, item.get("a").price) == ("", 0.0)
        assert (item.get("b").note, item.get("b").price) == (None, None)
        item.get("a").update(note=None).save()
        item.get("b").update(note="").save()
        assert item.get("a").note is None
        assert item.get("b").note == ""

    def _class_with(self, annotation: Any) -> Any:
        def shape(base: Any) -> Any:
            class ContractValue(base):  # type: ignore[misc]
                value: annotation  # pyright: ignore[reportInvalidTypeForm]
                maybe: annotation | None = None  # pyright: ignore[reportInvalidTypeForm]

            return ContractValue

        return self.made(shape)

    def _goes_round(self, cls: Any, values: Any) -> None:
        saved = self.fill(cls, [{"value": value, "maybe": value} for value in values])
        for entity, value in zip(saved, values, strict=True):
            self._is(entity, value, value)
        for entity, value in zip(cls.get_many([one.id for one in saved]), values, strict=True):
            self._is(entity, value, value)
            assert entity.changed == frozenset(), "it is dirty as soon as it is loaded"
        self._is(cls.get(saved[0].id), values[0], values[0])

    @staticmethod
    def _is(entity: Any, value: Any, maybe: Any) -> None:
        assert same(value, entity.value), f"{value!r} came back as {entity.value!r}"
        assert same(maybe, entity.maybe), f"{maybe!r} came back as {entity.maybe!r}"
