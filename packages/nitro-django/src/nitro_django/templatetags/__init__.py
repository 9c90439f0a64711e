"""Tags for Django's templates: ``{% load nitro %}``."""
