"""Whether a value that is compared with a field still means what was given."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from nitro_entities.fields.kinds import Kind

_NUMBERS = (Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL, Kind.ENUM_INTEGER, Kind.DURATION)


def lossy(kind: Kind, given: object, made: object) -> bool:
    """Say whether *made*, what a field of *kind* would hold, is something else than *given*.

    Text is read, as forms and addresses bring it. Between numbers nothing may be rounded.
    """
    if isinstance(given, bool):
        return kind in _NUMBERS or kind in (Kind.DATETIME, Kind.DATE, Kind.TIME)
    if isinstance(given, (int, float, Decimal)) and isinstance(made, (int, float, Decimal)):
        return made != given and not _same_digits(given, made)
    if isinstance(given, (datetime, date, time, timedelta)):
        return type(made) is type(given) and made != given
    return False


def _same_digits(given: float | Decimal, made: float | Decimal) -> bool:
    """Say whether both are written alike: 0.1 and Decimal("0.1") are meant to be the same."""
    return Decimal(str(given)) == Decimal(str(made))
