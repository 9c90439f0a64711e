"""What is not installed is named, with the extra to install, where it is needed."""

import subprocess
import sys

import pytest

SQL, REDIS = "pip install 'nitro-entities[sql]'", "pip install 'nitro-entities[redis]'"
OUTBOX = """
with nitro_entities.UnitOfWork() as unit:
    unit.outbox("topic", 1)
"""


def error_without(package: str, code: str) -> str:
    """What *code* raises where *package* is not installed."""
    hidden = f"""
import os, sys

class Absent:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent)
os.environ["NITRO_DATABASE_URL"] = "sqlite:///unused.db"
import nitro_entities
try:
    exec({code!r})
except Exception as error:
    print(type(error).__name__, error)
"""
    run = [sys.executable, "-c", hidden]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("package", "code", "needs"),
    [
        ("sqlalchemy", OUTBOX, f"The configured database needs sqlalchemy. Run: {SQL}"),
        (
            "sqlalchemy",
            "nitro_entities.changes.history()",
            f"The configured database needs sqlalchemy. Run: {SQL}",
        ),
        ("sqlmodel", "nitro_entities.SQLEntity", f"SQLEntity needs sqlmodel. Run: {SQL}"),
        ("redis", "nitro_entities.RedisRepo", f"RedisRepo needs redis. Run: {REDIS}"),
    ],
)
def test_what_is_missing_is_said_with_what_to_install(package: str, code: str, needs: str) -> None:
    assert error_without(package, code) == f"ImportError {needs}\n"


def test_redis_without_a_part_of_it_is_named_as_a_whole() -> None:
    code = "sys.modules['redis.exceptions'] = None; nitro_entities.RedisRepo"

    assert error_without("nothing", code) == f"ImportError RedisRepo needs redis. Run: {REDIS}\n"


def test_a_module_that_no_extra_has_is_named_as_it_is() -> None:
    assert error_without("pydantic", "nitro_entities.Entity").startswith("ModuleNotFoundError")
