"""The texts of pydantic that people are shown, for who collects texts to be translated.

Most of what it complains of has words of ours (`nitro_events.wording`); these are the rest.
"""

from __future__ import annotations

from .texts import later

TEXTS = (
    later("Data should have at most {max_length} byte{expected_plural}"),
    later("Date should be in the future"),
    later("Date should be in the past"),
    later("Extra inputs are not permitted"),
    later("Field is frozen"),
    later("Input should be None"),
    later("Input should be a valid boolean"),
    later("Input should be a valid date"),
    later("Input should be a valid datetime"),
    later("Input should be a valid dictionary"),
    later("Input should be a valid list"),
    later("Input should be a valid set"),
    later("Input should be a valid string"),
    later("Input should be a valid time"),
    later("Input should be a valid timedelta"),
    later("Input should be a valid tuple"),
    later("Input should be in the future"),
    later("Input should be in the past"),
    later("Input should not have timezone info"),
    later("Invalid JSON: {error}"),
    later("Set items should be hashable"),
    later("String should contain only ASCII characters"),
    later("URL input should be a string or URL"),
    later("URL should have at most {max_length} character{expected_plural}"),
    later("UUID input should be a string, bytes or UUID object"),
)
