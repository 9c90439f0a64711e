"""Many at once: nothing is lost, nothing is half, nobody waits for ever."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nitro_entities import EntityExists, StaleEntity, StoreBusy, UnitOfWork
from nitro_entities.errors import NotUnique
from nitro_entities.repository import Ability
from nitro_entities.testing import shapes
from nitro_entities.testing.contract import needs, rounds
from nitro_entities.testing.processes import ProcessContract, Processes

THREADS = 8
PATIENCE = 120  # seconds until threads that wait count as stuck


def together(*works: Callable[[], object]) -> list[BaseException | None]:
    """Run these at the same moment, each in its thread; answer what went wrong in each."""
    start = threading.Barrier(len(works))
    failed: list[BaseException | None] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        start.wait(PATIENCE)
        try:
            work()
        except BaseException as exc:
            failed[place] = exc

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return failed


def all_well(outcomes: list[BaseException | None]) -> None:
    """Raise what went wrong in one of them."""
    for exc in outcomes:
        if exc is not None:
            raise exc


def winner(outcomes: list[BaseException | None], others: type[BaseException]) -> int:
    """Answer the place of the one that succeeded; the rest must have ended with *others*."""
    for exc in outcomes:
        if exc is not None and not isinstance(exc, others):
            raise exc
    assert outcomes.count(None) == 1, f"{outcomes.count(None)} of them succeeded"
    return outcomes.index(None)


class ConcurrencyContract(ProcessContract):
    """Many at once"""

    @pytest.fixture
    def _restless(self) -> Iterator[None]:
        """Let threads take turns a thousand times as often, to come between each other."""
        usual = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        yield
        sys.setswitchinterval(usual)

    @pytest.mark.usefixtures("_restless")
    def test_sums_of_many_threads_all_count(self, account: Any) -> None:
        id = account.create().id
        each = rounds(10, 100)

        def work() -> None:
            mine = account.get(id)
            for _ in range(each):
                mine.incr(balance=1)

        all_well(together(*[work] * THREADS))
        assert account.get(id).balance == THREADS * each

    @pytest.mark.usefixtures("_restless")
    def test_saves_that_are_repeated_when_stale_all_count(self, account: Any) -> None:
        id = account.create().id
        each = rounds(10, 100)

        def work() -> None:
            for _ in range(each):
                while True:
                    mine = account.get(id)
                    mine.balance += 1
                    try:
                        mine.save()
                    except StaleEntity:
                        continue
                    break

        all_well(together(*[work] * THREADS))
        assert account.get(id).balance == THREADS * each

    @pytest.mark.usefixtures("_restless")
    def test_saves_with_retry_all_count(self, account: Any) -> None:
        id = account.create().id
        each = rounds(10, 100)

        def add(mine: Any) -> None:
            mine.balance += 1

        def work() -> None:
            mine = account.get(id)
            for _ in range(each):
                add(mine)
                mine.save(retry=add)

        all_well(together(*[work] * THREADS))
        assert account.get(id).balance == THREADS * each

    @needs(Ability.TRANSACTIONS)
    @pytest.mark.usefixtures("_restless")
    def test_units_that_are_repeated_when_stale_all_count(self, account: Any) -> None:
        id = account.create().id
        each = rounds(5, 50)

        def work() -> None:
            for _ in range(each):
                while True:
                    try:
                        with UnitOfWork():
                            mine = account.get(id)
                            mine.balance += 1
                            mine.save()
                    except StaleEntity:
                        continue
                    break

        all_well(together(*[work] * THREADS))
        assert account.get(id).balance == THREADS * each

    @needs(Ability.SHARED)
    def test_sums_of_two_processes_all_count(self, processes: Processes, account: Any) -> None:
        id = account.create().id
        for number in range(1, rounds(2, 20)):
            processes.add(25, id)
            assert account.get(id).balance == 50 * number

    @pytest.mark.usefixtures("_restless")
    def test_of_many_that_save_the_same_one_succeeds(self, account: Any) -> None:
        for _ in range(rounds(10, 100)):
            id = account.create().id
            mine = [account.get(id) for _ in range(THREADS)]
            for place, one in enumerate(mine):
                one.balance = place + 1

            first = winner(together(*[one.save for one in mine]), StaleEntity)

            assert account.get(id).balance == first + 1

    @pytest.mark.usefixtures("_restless")
    def test_of_many_that_take_an_id_one_succeeds(self, account: Any) -> None:
        for number in range(rounds(10, 100)):
            id = f"race{number}"

            mine = [account(id=id, balance=place) for place in range(THREADS)]

            first = winner(together(*[one.save for one in mine]), EntityExists)

            assert account.get(id).balance == first

    @needs(Ability.UNIQUE)
    @pytest.mark.usefixtures("_restless")
    def test_of_many_that_take_a_unique_value_one_succeeds(self) -> None:
        member = self.made(shapes.member)
        for number in range(rounds(10, 100)):
            email = f"race{number}"
            mine = [member(id=f"{email} {place}", email=email) for place in range(THREADS)]

            first = winner(together(*[one.save for one in mine]), NotUnique)

            found = member.get_many([one.id for one in mine])
            assert [one.id for one in found] == [mine[first].id]

    @pytest.mark.usefixtures("_restless")
    def test_deleting_and_saving_at_once_is_one_of_both(self, account: Any) -> None:
        for _ in range(rounds(10, 100)):
            id = account.create().id
            one, other = account.get(id), account.get(id)
            one.balance = 5

            saved, deleted = together(one.save, other.delete)

            found = account.get_or_none(id)
            if saved is None:
                assert isinstance(deleted, StaleEntity)
                assert found.balance == 5
            else:
                assert isinstance(saved, StaleEntity)
                assert (deleted, found) == (None, None)

    @needs(Ability.TRANSACTIONS)
    @pytest.mark.usefixtures("_restless")
    def test_transfers_to_and_fro_lose_nothing_and_end(self, account: Any) -> None:
        account.create(id="a", balance=1000)
        account.create(id="b", balance=1000)
        each = rounds(6, 60)
        done: list[int] = []

        def transfer(here: str, there: str, amount: int) -> None:
            for _ in range(each):
                while True:
                    try:
                        with UnitOfWork():
                            giver, taker = account.get(here), account.get(there)
                            giver.balance -= amount
                            giver.save()
                            taker.balance += amount
                            taker.save()
                    except (StaleEntity, StoreBusy):
                        continue
                    done.append(amount)
                    break

        works = [lambda n=n: transfer("a", "b", n) for n in (1, 2, 3, 4)]
        works += [lambda n=n: transfer("b", "a", n) for n in (1, 2, 3, 5)]

        all_well(together(*works))

        assert len(done) == each * len(works)
        assert account.get("a").balance == 1000 + each
        assert account.get("b").balance == 1000 - each

    @needs(Ability.TRANSACTIONS, Ability.QUERY)
    @pytest.mark.usefixtures("_restless")
    def test_readers_never_see_half_of_a_unit(self, account: Any) -> None:
        ids = [f"{number:02}" for number in range(40)]
        total = 100 * len(ids)
        self.fill(account, [{"id": id, "balance": 100} for id in ids])
        over = threading.Event()

        def write() -> None:
            for number in range(rounds(12, 100)):
                with UnitOfWork() as unit:
                    for place, mine in enumerate(account.get_many(ids)):
                        mine.balance += 10 if (place < len(ids) / 2) is bool(number % 2) else -10
                        mine.save()
                        if place % 30 == 9:
                            unit.flush()
            over.set()

        def read() -> None:
            while not over.is_set():
                found = account.all()
                assert len(found) == len(ids)
                assert sum(one.balance for one in found) == total
                assert sum(one.balance for one in account.where().slice(999).items) == total
                assert sum(one.balance for one in account.get_many(ids)) == total

        try:
            all_well(together(write, read, read))
        finally:
            over.set()

    @needs(Ability.TRANSACTIONS, Ability.QUERY)
    @pytest.mark.usefixtures("_restless")
    def test_readers_count_all_of_a_unit_or_nothing(self, account: Any) -> None:
        size = 60
        mine = account.create_many([{"id": f"{number:02}"} for number in range(size)])
        over = threading.Event()

        def write() -> None:
            for number in range(rounds(120, 1_000)):
                one = mine.pop(number % size)
                with UnitOfWork():
                    for other in mine:
                        other.balance = number % 2
                        other.save()
                    one.delete()
                    mine.append(account.create(balance=number % 2))
            over.set()

        def read() -> None:
            while not over.is_set():
                assert account.count() == size
                assert account.where(balance=1).count() in (0, size)

        try:
            all_well(together(write, read, read))
        finally:
            over.set()

    @needs(Ability.TRANSACTIONS)
    def test_threads_have_units_of_their_own(self, account: Any) -> None:
        account.create(id="a")
        opened, looked = threading.Event(), threading.Event()
        seen: list[Any] = []

        def write() -> None:
            with UnitOfWork() as unit:
                account.create(id="b")
                unit.flush()
                opened.set()
                looked.wait(PATIENCE)

        def look() -> None:
            opened.wait(PATIENCE)
            try:
                seen.append(account.get_or_none("b"))
                seen.append(account.get("a").id)
            finally:
                looked.set()

        all_well(together(write, look))
        assert seen == [None, "a"]
        assert account.get("b").id == "b"
