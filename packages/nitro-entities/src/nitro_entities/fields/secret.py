"""Keeping secret fields out of what is shown."""

from typing import Any

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from nitro_entities.fields.marks import SecretMark, has_mark, parts


def is_secret(info: FieldInfo) -> bool:
    """Say whether the value of a field is never shown."""
    secret_types = {SecretStr, SecretBytes}
    return has_mark(info, SecretMark) or bool(secret_types & parts(info.annotation))


def conceal(cls: type[Any]) -> None:
    """Keep the secret fields of *cls* out of its repr, its dumps and its refusals.

    Here and not in `Secret`: a field with options of its own, or that may be None, would lose
    what an annotation says.
    """
    if not cls.__pydantic_complete__:
        return  # asked again when all its annotations are known
    hidden = [info for info in cls.__pydantic_fields__.values() if is_secret(info)]
    if not hidden or (cls.model_config.get("hide_input_in_errors") and all(map(_done, hidden))):
        return
    for info in hidden:
        info.repr = False
        # pydantic's own secret types write themselves as asterisks
        info.exclude = info.exclude or has_mark(info, SecretMark)
    cls.model_config["hide_input_in_errors"] = True
    cls.model_rebuild(force=True)


def _done(info: FieldInfo) -> bool:
    return not info.repr and bool(info.exclude or not has_mark(info, SecretMark))
