"""How much 50 saves at once hold up an event loop when each waits 20 ms for PostgreSQL."""

import asyncio
import os
import statistics
import time

import psycopg

from nitro_entities import Entity, SQLModelBackend, configure

TASKS, SECONDS, TICK = 50, 5.0, 0.005
SLOW = """
    CREATE OR REPLACE FUNCTION lag_wait() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
    CREATE TRIGGER lag BEFORE UPDATE ON lag_ticket FOR EACH ROW EXECUTE FUNCTION lag_wait();
"""

configure(pool_size=20)


class Ticket(Entity):
    __tablename__ = "lag_ticket"
    _persistence_backend_class = SQLModelBackend

    title: str = ""
    count: int = 0


async def main(tickets: list[Ticket]) -> None:
    """Save for some seconds, and look how late a heartbeat comes."""
    end = time.perf_counter() + SECONDS
    lags: list[float] = []
    saves = 0

    async def work(ticket: Ticket) -> None:
        nonlocal saves
        while time.perf_counter() < end:
            ticket.count += 1
            await ticket.asave()
            saves += 1

    async def beat() -> None:
        while time.perf_counter() < end:
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            lags.append((time.perf_counter() - before - TICK) * 1000)

    await asyncio.gather(beat(), *(work(ticket) for ticket in tickets))
    lags.sort()
    p50, p99 = statistics.median(lags), lags[int(len(lags) * 0.99)]
    print(
        f"loop      {TASKS} tasks, 20 ms a query: {saves / SECONDS:.0f} saves/s, "
        f"lag p50 {p50:.2f} ms, p99 {p99:.1f} ms"
    )


made = [Ticket.create(title=str(number)) for number in range(TASKS)]
with psycopg.connect(os.environ["NITRO_DATABASE_URL"], autocommit=True) as connection:
    connection.execute(SLOW)
asyncio.run(main(made))
