"""Units of work: what is saved inside is committed together, or not at all."""
