"""An application whose durable handlers are tasks of Celery, Dramatiq or Taskiq.

The tests load it by itself, and so does the worker of the task queue, which finds what it runs
under the name ``app``.
"""

from __future__ import annotations

import os
from typing import Any

from nitro_entities import Entity, SQLModelBackend
from nitro_entities import configure as configure_entities
from nitro_events import configure, durable, joints, on
from nitro_events.durable import Retry


class Parcel(Entity):
    """What events are about."""

    _persistence_backend_class = SQLModelBackend


class Done(Entity):
    """A row for each time that a handler has had its effect."""

    _persistence_backend_class = SQLModelBackend

    n: int
    by: str
    process: int


def packed(parcel: Parcel, n: int) -> None:
    Done(n=n, by="packed", process=os.getpid()).save()


async def weighed(parcel: Parcel, n: int) -> None:
    Done(n=n, by="weighed", process=os.getpid()).save()


def broken(parcel: Parcel, n: int) -> None:
    Done(n=n, by="broken", process=os.getpid()).save()
    raise ConnectionError("the carrier is away")


def label(parcel: Parcel, n: int) -> None:
    """What is called later, for no event."""
    Done(n=n, by="label", process=os.getpid()).save()


def install(kind: str, database: str, redis: str) -> Any:
    """Let *kind* run the handlers; answer its application or broker."""
    configure_entities(database_url=database)
    configure(durable={"inside": False, "poll": 0.05})
    joints.connect()
    broker = globals()[f"_{kind}"](redis)
    on("parcel.packed", durable=True)(packed)
    on("parcel.packed", durable=True)(weighed)
    on("parcel.sent", durable=Retry(1, backoff=0.05))(broken)
    durable.job(label)
    return broker


def _celery(redis: str) -> Any:
    from celery import Celery  # type: ignore[import-untyped]

    from nitro_events.bridges.celery import use_celery

    app = Celery("parcels", broker=redis)
    app.conf.broker_connection_retry_on_startup = True
    use_celery(app)
    return app


def _dramatiq(redis: str) -> Any:
    from dramatiq.brokers.redis import RedisBroker

    from nitro_events.bridges.dramatiq import use_dramatiq

    broker = RedisBroker(url=redis)  # type: ignore[no-untyped-call]
    use_dramatiq(broker)
    return broker


def _taskiq(redis: str) -> Any:
    from taskiq_redis import ListQueueBroker

    from nitro_events.bridges.taskiq import use_taskiq

    broker = ListQueueBroker(redis)
    use_taskiq(broker)
    return broker


if "NITRO_TEST_BRIDGE" in os.environ:
    app = install(*os.environ["NITRO_TEST_BRIDGE"].split("|"))
