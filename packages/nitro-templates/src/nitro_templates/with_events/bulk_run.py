"""Does one thing to many entities: in batches, each committed before its progress is told.

An entity that refuses, that somebody else was faster with, or that the caller may not touch is
put back as it was and noted; the others go on. Whatever ends it between two batches, the client,
the server or a power cut, leaves whole batches and nothing half-done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from nitro_events.http.inputs import Input
from nitro_events.http.operations import ActionOperation, DeleteOperation
from nitro_events.http.problems import problem_of
from nitro_events.http.refusals import told_as_refusal
from nitro_events.http.request import Request
from nitro_events.jobs import MethodJob, is_stale
from nitro_events.middleware.standard import standard
from nitro_events.middleware.work import Job, Work
from nitro_events.patches import Patch, patch_elements
from nitro_events.resources import Given, Target
from nitro_events.state import state
from nitro_events.threads import in_thread
from nitro_events.undoing import MOST as MOST_UNDONE
from nitro_events.units import OneUnit, Units, acting, current_unit, own_unit
from nitro_templates import shell
from nitro_templates.html import Element
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped, spoken
from nitro_templates.sources import RowSource
from nitro_templates.table.progress import Tally, finished, running
from nitro_templates.toasts import Kind
from nitro_templates.undo import UndoOffer, undo_button

from .context import context_of
from .offers import told
from .undo_many import Recorder

BATCH = 200
ATTEMPTS = 4
"""How often an entity is tried that somebody else was faster with."""
MOST = 200_000
"""How many entities one call goes through: their ids are all in memory."""
PATIENCE = 20
"""After so many failures that nobody foresaw it ends: the cause is most likely one for all."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What is done to which entities, for whom. *ids* is asked when it begins."""

    request: Request
    source: RowSource
    target: Target
    name: str
    label: str
    table: str
    given: Given
    ids: Callable[[], Sequence[str]]
    loop: asyncio.AbstractEventLoop | None = None
    recorder: Recorder | None = None
    """Remembers what is done, if it may be taken back."""


def run(doing: Doing) -> Generator[list[Patch], None, None]:
    """Yield patches that show how far it is; whoever goes through them commits at each."""
    tally = Tally(doing.label)
    yield [
        patch_elements(shell.dialog_closed()),
        patch_elements(running(doing.table, tally)),
    ]
    for _step in steps(doing, tally):
        yield [patch_elements(running(doing.table, tally, _button(doing, tally)))]
    kind: Kind = "warning" if tally.refused else "success"
    yield [
        patch_elements(finished(doing.table, tally)),
        *told(tally.sentence, offer_of_many(doing, tally), context_of(doing.request), kind),
    ]


def offer_of_many(doing: Doing, tally: Tally) -> UndoOffer | None:
    """Answer what takes back what was done until now."""
    return None if doing.recorder is None else doing.recorder.offer(tally.sentence)


def _button(doing: Doing, tally: Tally) -> Element | None:
    """Answer what a page shows that stops it, or loses the connection."""
    offer = offer_of_many(doing, tally)
    return None if offer is None else undo_button(offer, context_of(doing.request), hidden=True)


async def run_whole(doing: Doing) -> Tally:
    """Go through all of it at once, for a browser that takes no events."""
    around = current_unit()
    if around is not None:
        await around.acommit()  # nothing was done in it, and it must not hold the batches
    tally = Tally(doing.label)
    every = steps(doing, tally)
    while await in_thread(_committed_step, every, doing):
        pass
    return tally


def steps(doing: Doing, tally: Tally) -> Iterator[None]:
    """Do it, yielding wherever a unit of work is to end."""
    ids = doing.ids()
    tally.total = len(ids)
    yield
    recorder = doing.recorder
    if recorder is not None and len(ids) > MOST_UNDONE:
        text = _("More than {most} match by now, too many to be undone. Look again")
        _refuse_rest(tally, text.format(most=grouped(MOST_UNDONE)))
        return
    rest = iter(ids)
    failures = 0
    while batch := list(islice(rest, BATCH)):
        # kept until the end of the batch, so that each is found without asking again
        found = doing.source.get_many(batch)
        if recorder is not None and not recorder.has_room_for(found):
            text = _("Not done: it would be too much to be undone. Do the rest in a second step")
            _refuse_rest(tally, text)
            return
        done = tally.done
        names = {doing.source.id_of(thing): doing.source.title_of(thing) for thing in found}
        for id in batch:
            failures += not _tried(doing, id, names.get(id, id), tally)
            if failures >= PATIENCE:
                _refuse_rest(tally, _("Not tried: too many failed before"))
                break
        del found
        if recorder is not None:
            recorder.keep(tally.done - done)
        yield
        if failures >= PATIENCE:
            return


def _refuse_rest(tally: Tally, reason: str) -> None:
    for _number in range((tally.total or 0) - tally.seen):
        tally.refuse("…", reason)


def _committed_step(every: Iterator[None], doing: Doing) -> bool:
    with acting(doing.request.caller), own_unit():
        return next(every, _END) is not _END


_END = object()


def _tried(doing: Doing, id: str, name: str, tally: Tally) -> bool:
    """Do it to one; False if it failed in a way that nobody foresaw."""
    for attempt in range(ATTEMPTS):
        try:
            _one(doing, id)
        except Exception as exc:
            if is_stale(exc) and attempt + 1 < ATTEMPTS:
                continue
            problem = problem_of(exc)
            said = [spoken(problem.detail), *(_of_field(*one) for one in problem.errors.items())]
            reason = " ".join(part for part in said if part) or spoken(problem.title)
            # its number differs each time and would make every failure a reason of its own
            tally.refuse(name, spoken(problem.title) if problem.id else reason)
            return problem.id is None
        tally.done += 1
        return True
    return True


def _of_field(name: str, text: str) -> str:
    return f"{name}: {spoken(text)}" if name else spoken(text)


def _one(doing: Doing, id: str) -> None:
    job, operation = _job(doing, id)
    work = Work(job, doing.request.caller, doing.request, loop=doing.loop)
    with part(), told_as_refusal(operation, Input(doing.given.values, form=True)):
        standard(work).run(work)


@contextmanager
def part() -> Generator[None]:
    """Let what is done inside be written, or be as if it had never been."""
    with OneUnit() as part:
        try:
            yield
            # now and not at the end of the batch, where a refusal would take the others along
            around = state.part(Units).around
            inner = None if around is None else around()
            if inner is not None:
                inner.flush()
            part.commit()
        except BaseException:
            part.rollback()
            raise


def _job(doing: Doing, id: str) -> tuple[Job, ActionOperation | DeleteOperation]:
    target = doing.target
    if doing.name == "delete":
        deletion = DeleteOperation(target, id)
        return deletion.job(Input(), None), deletion
    declared = target.actions()[doing.name]
    function, action = declared.function, declared.action
    job = MethodJob(function, action, target, id, doing.given, complete=True)
    return job, ActionOperation(target, declared, id)


def unique(ids: Iterable[str]) -> tuple[str, ...]:
    """Answer *ids* in order, each once."""
    return tuple(dict.fromkeys(ids))
