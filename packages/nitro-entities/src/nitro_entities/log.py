"""The log of this package, loaded when there is something to say."""


def log_exception(message: str, *values: object) -> None:
    """Log the exception that is being handled."""
    import logging

    logging.getLogger("nitro_entities").exception(message, *values)
