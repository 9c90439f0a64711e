"""The page on what each store can do says what the stores say of themselves."""

import pytest

import write_matrix

pytest.importorskip("fcntl", reason="the example locks files as Unix does")


def test_the_capability_matrix_is_what_a_run_without_failures_writes() -> None:
    expected = write_matrix.page(write_matrix.declared())

    assert write_matrix.PAGE.read_text("utf-8") == expected, "run: python tests/write_matrix.py"
