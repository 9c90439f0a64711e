"""The full counts of events, commands and live streams."""

from proof.part import Part

TESTS = "packages/nitro-events/tests"


def parts() -> list[Part]:
    """Answer all parts, the cheap ones first."""
    says = "a client dropped 1,000 times over 50 topics has the log of one that was not"
    made = [Part("drops", says, [f"{TESTS}/test_live_drops.py"])]
    says = "3 servers restarted in turn with 200 open streams: no patch is missed"
    made.append(Part("rolling", says, [f"{TESTS}/test_live_rolling.py"]))
    says = "brokers restarted under 20 subscribers in 3 processes: nothing lost or twice, in order"
    made.append(Part("restarts", says, [f"{TESTS}/test_instances_restarts.py"]))
    says = "10,000 malformed requests: no server error, no internals"
    made.append(Part("malformed", says, [f"{TESTS}/test_malformed.py"]))
    says = f"{says}, with entities and pages"
    made.append(Part("malformed-pages", says, ["tests/hostile/test_malformed.py"]))
    says = "one key has one effect when processes are killed, 500 clicks at once all count"
    made.append(Part("keys", says, [f"{TESTS}/test_with_commands_in_processes.py"]))
    for store in ("sqlite", "postgresql", "redis"):
        says = f"a relay killed 200 times handles every event, in effect once: {store}"
        tests = [f"{TESTS}/test_with_durable.py", "-k", f"killed and {store}"]
        made.append(Part(f"relay-{store}", says, tests))
    return made
