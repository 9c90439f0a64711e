"""What a store says it can do, and what it says when it cannot."""

from typing import Any

import pytest

from nitro_entities import EntityError
from nitro_entities.repository import Ability
from nitro_entities.testing import shapes
from nitro_entities.testing.contract import NOT_OFFERED, Contract


class AbilityContract(Contract):
    """Abilities"""

    @pytest.mark.parametrize("ability", Ability, ids=lambda ability: ability.value)
    def test_ability(self, item: Any, ability: Ability) -> None:
        if not self.offers(ability):
            pytest.skip(NOT_OFFERED + ability.value)
        item.create()
        if ability is Ability.OUTBOX:
            assert item.repository().store.outbox.pending(1) == []

    def test_the_store_and_the_repository_say_the_same(self, item: Any) -> None:
        repository = item.repository()
        assert repository.entity is item
        assert frozenset(repository.abilities) == self.abilities
        assert repository.store.durable is self.offers(Ability.DURABLE)
        assert isinstance(repository.blocking, bool)
        assert isinstance(repository.rank, int)
        assert repository is item.repository()
        repository.prepare()
        repository.prepare()  # once more is no error

    def test_what_cannot_be_done_is_refused_in_words(self, item: Any) -> None:
        item.create(id="a")
        if not self.offers(Ability.QUERY):
            for ask in (item.all, item.count, lambda: item.where(name="x").list()):
                with pytest.raises(EntityError, match=item.__name__):
                    ask()
        if not self.offers(Ability.UNIQUE):
            with pytest.raises(EntityError, match="nique"):
                self.made(shapes.member).create(email="x")
