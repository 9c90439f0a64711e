"""What can go wrong with migrations."""

from collections.abc import Sequence

from nitro_entities.errors import EntityError


class MigrationError(EntityError):
    """A migration that cannot be made, found or run; the database is as it was before."""


class DataLoss(MigrationError):
    """A migration would lose stored values, and was not allowed to; *losses* lists them."""

    def __init__(self, losses: Sequence[str], function: str) -> None:
        listed = "; ".join(losses)
        super().__init__(
            f"Stored values would be lost: {listed}. Make a backup and run "
            f"{function}(allow_data_loss=True), or write the migration otherwise"
        )
        self.losses = tuple(losses)
