"""Every function may do what it was seen to do, and nothing else."""

import pytest

from tests.architecture.permissions.granted import granted, needed, observed
from tests.architecture.stacks import Function, functions
from tests.support.witness import observations

# Granted and never seen, each for a reason that a person has checked.
REVIEWED: dict[tuple[str, str, str], str] = {}

SEEN = observations()


def test_saw_the_suite() -> None:
    assert SEEN, "no calls were written down: run `make test`, which runs the suite first"


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.label)
class TestRole:
    def test_allows_all_that_the_function_did(self, function: Function) -> None:
        missing = needed(function, SEEN) - granted(function)

        assert sorted(missing) == [], "AWS would refuse this"

    def test_allows_nothing_that_the_function_never_did(self, function: Function) -> None:
        reviewed = {(action, resource) for label, action, resource in REVIEWED if label == function.label}
        unused = granted(function) - needed(function, SEEN) - reviewed

        assert sorted(unused) == [], "take it out of the role, or test what needs it"


def test_reviews_nothing_that_is_seen_after_all() -> None:
    allowed = {(function.label, *permission) for function in functions() for permission in granted(function)}
    seen = {(function.label, *permission) for function in functions() for permission in observed(function, SEEN)}

    assert set(REVIEWED) <= allowed - seen
