"""Which fields hold stored files, found out without loading what keeps them."""

from typing import Any, get_args


def class_in(annotation: Any) -> Any:
    """Answer the class of stored files that *annotation* is, or has as items; None for others."""
    if isinstance(annotation, type) and hasattr(annotation, "__nitro_file__"):
        return annotation
    found = (class_in(part) for part in get_args(annotation))
    return next((kind for kind in found if kind is not None), None)


def without_keys(value: Any, told: Any) -> Any:
    """Answer *told*, which is *value* as JSON knows it, without where its files are kept."""
    if hasattr(value, "__nitro_file__"):
        return {name: item for name, item in told.items() if name != "key"}
    if isinstance(value, dict):
        return dict(zip(told, map(without_keys, value.values(), told.values()), strict=True))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, list | tuple | set | frozenset):
        return [without_keys(one, said) for one, said in zip(value, told, strict=True)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return told


def holds_files(annotation: Any) -> bool:
    """Say whether a value of *annotation* is a stored file, or has some as items."""
    return class_in(annotation) is not None
