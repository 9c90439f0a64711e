"""What was done in one unit of work and is not committed yet."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from nitro_entities.loaded import Loaded, set_loaded

if TYPE_CHECKING:
    from nitro_entities.changes import Change
    from nitro_entities.outbox import Message
    from nitro_entities.verbs import Verbs


class Level:
    """What one unit has gathered; *around* are the levels it is nested in, the outermost first."""

    pending: "dict[int, tuple[Verbs, bool]]"
    """What is enrolled, by `id()`: the entity, and whether it is deleted."""
    touched: "list[Verbs]"
    """Whatever was enrolled."""
    undo: "list[tuple[Verbs, Loaded | None]]"
    """From what the entities that were written had been loaded before."""
    changes: "list[Change]"
    messages: "list[Message]"
    callbacks: list[Callable[[], object]]
    """To be called after the commit."""
    marks: dict[int, object]
    """The savepoints of this level, by the `id()` of the store."""

    __slots__ = (
        "around", "callbacks", "changes", "marks", "messages", "pending", "touched", "undo"
    )  # fmt: skip

    def __init__(self, around: "tuple[Level, ...]" = ()) -> None:
        self.around = around
        self.start_over()

    def start_over(self) -> None:
        """Forget everything."""
        self.pending = {}
        self.touched = []
        self.undo = []
        self.changes = []
        self.messages = []
        self.callbacks = []
        self.marks = {}

    @property
    def is_unused(self) -> bool:
        """Say whether nothing was done."""
        return not (self.touched or self.undo or self.callbacks or self.messages or self.marks)

    @property
    def has_pending(self) -> bool:
        """Say whether something is enrolled here or around."""
        if self.pending or not self.around:
            return bool(self.pending)
        return any(level.pending for level in self.around)

    def enrol(self, entity: "Verbs", *, deleted: bool) -> None:
        """Take note that *entity* is to be written."""
        self.pending[id(entity)] = (entity, deleted)
        self.touched.append(entity)

    def hand_to(self, other: "Level") -> None:
        """Let *other* have everything."""
        other.pending.update(self.pending)
        other.touched += self.touched
        other.undo += self.undo
        other.changes += self.changes
        other.messages += self.messages
        other.callbacks += self.callbacks

    def restore(self) -> "list[Verbs]":
        """Let entities know again what they knew before; answer all that had to do with it."""
        for entity, before in reversed(self.undo):
            set_loaded(entity, before)
        return [*self.touched, *(entity for entity, _ in self.undo)]
