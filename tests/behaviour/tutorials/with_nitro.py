"""What an application does to have Nitro; without it nothing of Nitro is imported."""

import os
from typing import TypeVar

import nitro
from nitro import Entity, action

App = TypeVar("App")


def install(app: App) -> App:
    """Add Nitro to *app*, and something to be served if that was asked for."""
    declare()
    return nitro.install(app)


def declare() -> None:
    """Declare an entity, so that there are generated routes, if that was asked for."""
    if os.environ["INSTALL_NITRO"] != "entities":
        return

    class TutorialBadge(Entity):
        holder: str = "nobody"

        @action
        def pass_on(self, to: str) -> None:
            self.holder = to
