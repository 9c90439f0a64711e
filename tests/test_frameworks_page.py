"""The page on frameworks says what a run says in which nothing fails."""

import write_frameworks


def test_the_page_of_frameworks_is_what_a_run_without_failures_writes() -> None:
    expected = write_frameworks.page(write_frameworks.declared())

    found = write_frameworks.PAGE.read_text("utf-8")
    assert found == expected, "run: python tests/write_frameworks.py"


def test_every_file_of_the_suite_is_on_the_page() -> None:
    files = {path.stem for path in write_frameworks.TESTS.glob("test_*.py")}

    others = {
        "test_beside",
        "test_database",
        "test_hosts",
        "test_mounted",
        "test_schemathesis",
        "test_tutorials",
        "test_wsgi_servers",
        write_frameworks.TOGETHER,
    }
    assert files - others == set(write_frameworks.PARTS)
