"""The full counts of the entities."""

from proof.part import Part

TESTS = "packages/nitro-entities/tests"


def full(cls: str, test: str) -> list[str]:
    """Answer one test of one store."""
    return [f"{TESTS}/full_counts.py::{cls}::{test}"]


STORES = {
    "memory": "TestMemory",
    "sqlite": "TestSQLite",
    "sqlite-mapped": "TestMappedSQLite",
    "postgresql": "TestPostgres",
    "postgresql-mapped": "TestMappedPostgres",
    "redis": "TestRedis",
    "browser": "TestBrowser",
    "browser-requests": "TestEveryVerbARequest",
}
SHOWN = {"sqlite-mapped": "SQLite, SQLEntity", "postgresql-mapped": "PostgreSQL, SQLEntity",
         "browser-requests": "browser, each verb a request", "sqlite": "SQLite",
         "postgresql": "PostgreSQL", "redis": "Redis"}  # fmt: skip
KILLS = {"sqlite": 1_000, "sqlite-mapped": 1_000, "postgresql": 300, "postgresql-mapped": 300,
         "redis": 300}  # fmt: skip
SUMS = "sums_of_many_threads or repeated_when_stale or saves_with_retry"
FILES = {"memory": "memory", "sqlite": "sqlite", "postgresql": "postgres", "redis": "redis",
         "browser": "browser"}  # fmt: skip


def parts() -> list[Part]:
    """Answer all parts, the cheap ones first."""
    made: list[Part] = []
    for name, file in FILES.items():
        says = f"8 threads x 100 increments are 800: {SHOWN.get(name, name)}"
        made.append(Part(f"sums-{name}", says, [f"{TESTS}/test_kit_{file}.py", "-k", SUMS]))
    says = "10,000 tampered states of a browser: none is accepted"
    made.append(Part("tampered", says, [f"{TESTS}/test_browser.py", "-k", "tampered"]))
    for name, cls in STORES.items():
        says = f"1,000 programs of 30 steps do as a dictionary does: {SHOWN.get(name, name)}"
        made.append(Part(f"programs-{name}", says, full(cls, "test_programs"), 1_000))
    for name, count in KILLS.items():
        says = f"{count:,} kills -9 of a process with units and outbox: nothing lost, nothing half"
        says = f"{says}: {SHOWN[name]}"
        made.append(Part(f"kills-{name}", says, full(STORES[name], "test_kills"), count))
    for name, cls in STORES.items():
        if name != "browser-requests":
            says = f"10,000 values of each portable type come back: {SHOWN.get(name, name)}"
            made.append(Part(f"values-{name}", says, full(cls, "test_values"), 10_000))
    for share in range(4):
        says = f"every mutant of a store is caught by the contract: share {share + 1} of 4"
        tests = [f"{TESTS}/full_counts.py::test_mutants[{share}]"]
        made.append(Part(f"mutants-{share + 1}", says, tests))
    for root in ("memory", "sqlite", "mapped", "postgresql", "redis"):
        says = f"10,000 values of types drawn by chance come back or are refused: {root}"
        tests = [f"{TESTS}/test_types.py", "-k", f"any_value_of_any_type and {root}"]
        made.append(Part(f"types-{root}", says, tests))
    for name in ("sqlite", "postgresql"):
        says = f"a million rows are streamed with less than 100 MB: {SHOWN[name]}"
        made.append(Part(f"stream-{name}", says, [f"{TESTS}/test_streaming.py", "-k", name]))
    return made
