"""One behaviour on every framework, under each of its servers."""

from behaviour.hosts import HOSTS
from proof.part import Part

TESTS = "tests/behaviour"
NOT_OF_ONE_HOST = ["together", "mounted", "beside", "database", "wsgi_servers"]


def parts() -> list[Part]:
    """Answer all parts: one for each pair of a framework and a server."""
    says = "one behaviour, 1,000 malformed requests, streams that end at SIGTERM"
    made = [
        Part(str(host), f"{host.framework} under {host.server}: {says}", [TESTS, "-k", str(host)])
        for host in HOSTS
    ]
    says = "each two frameworks on one database and Redis, one below another, servers beside"
    files = [f"{TESTS}/test_{name}.py" for name in NOT_OF_ONE_HOST]
    made.append(Part("together", says, files))
    for framework in ("fastapi", "litestar"):
        says = f"1,000 requests made from each operation that {framework} describes: none fails"
        tests = [f"{TESTS}/test_schemathesis.py", "-k", framework]
        made.append(Part(f"schemathesis-{framework}", says, tests))
    return made
