"""Progress and skeletons."""

from nitro.components import Progress, Skeleton
from nitro_templates import Div
from nitro_templates.html import Child

from .section import Section

section = Section("Waiting", "hourglass", "Something is on its way.")


@section.shows("Progress", "How far it is, or that nobody knows.")
def progress() -> Child:
    return Div(
        Progress(value=3, max=12, label="Pictures", shown="3 of 12"),
        Progress(value=0.8, label="Space", shown="80 %"),
        Progress(label="Looking for duplicates"),
        cls="stack",
    )


@section.shows("Skeleton", "Stands where something will be, until a patch brings it.")
def skeleton() -> Child:
    return Div(
        Skeleton(lines=3),
        Skeleton("row"),
        Skeleton("card"),
        cls="stack",
    )
