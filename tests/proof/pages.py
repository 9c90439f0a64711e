"""Every page in every state, in a real browser."""

from proof.part import Part

TESTS = "tests/browser"


def files(*names: str) -> list[str]:
    """Answer the paths of these files of tests."""
    return [f"{TESTS}/test_{name}.py" for name in names]


def parts() -> list[Part]:
    """Answer all parts, the cheap ones first."""
    says = "forms, lists, files, relations, calls, catalogue: each feature by mouse and keyboard"
    names = ("forms", "lists", "files", "relations", "calls", "catalogue", "kept")
    made = [Part("forms", says, files(*names))]
    says = "tables are narrowed, sorted, changed; pages with frames under a strict policy"
    made.append(Part("tables", says, files("table_view", "table_doing", "pages")))
    says = "every stop of the keyboard is seen, on a desk and on a phone"
    made.append(Part("keyboard", says, files("keyboard")))
    says = "two people in one shop and in one form: nothing typed is lost, nobody overwritten"
    made.append(Part("together", says, files("shop_together", "live_forms")))
    says = "two people among 34,000 cities: restarts, conflicts, changes from anywhere"
    made.append(Part("atlas", says, files("atlas_alone", "atlas_together")))
    says = "hostile names are text on every page and stream of the atlas"
    made.append(Part("hostile-atlas", says, files("atlas_hostile")))
    says = "200 hostile values in every place of every page: nothing runs, nothing breaks"
    made.append(Part("hostile-values", says, files("hostile_values")))
    says = "axe finds nothing in any state, in both themes, on a desk and on a phone"
    made.append(Part("axe", says, files("accessibility")))
    return made
