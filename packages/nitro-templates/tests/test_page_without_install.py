"""A page that reaches a framework which does not know what it is."""

import pytest
from pydantic import TypeAdapter

from nitro_templates import Page


def test_a_page_that_is_taken_for_data_names_the_missing_call() -> None:
    with pytest.raises(TypeError, match=r"nitro\.install\(app\)"):
        dict(Page("hello"))
    with pytest.raises(Exception, match=r"nitro\.install\(app\)"):
        TypeAdapter(Page).dump_json(Page("hello"))


def test_a_page_has_no_dictionary_to_be_sent_by_mistake() -> None:
    with pytest.raises(TypeError):
        vars(Page("hello"))
