"""Mutants change the code under test while they are at work, and only then.

That each one is noticed is proven by `make prove`.
"""

import pytest

from commerce.checkout import refunds
from commerce.inventory.model import Level
from commerce.payments.model import RefundState
from tests.faults.machine.mutants import MUTANTS, Mutant
from tests.faults.machine.mutants.mutant import Change, DoesNotFit
from tests.faults.machine.mutants.trials import On, Race
from tests.faults.machine.pairs import PAIRS
from tests.faults.machine.steps import STEPS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_true_to_the_code_and_is_taken_back(mutant: Mutant) -> None:
    functions = [change.of() for change in mutant.changes]
    before = [function.__code__ for function in functions]
    with mutant.at_work():
        assert all(function.__code__ != code for function, code in zip(functions, before, strict=True))
    assert [function.__code__ for function in functions] == before


def test_whoever_imported_a_function_has_its_mutant() -> None:
    imported = vars(refunds)["may_follow"]
    with Change("commerce.payments.model:may_follow", "if before in LOST:", "if True:").made():
        assert not imported(RefundState.PENDING, RefundState.SUCCEEDED)
    assert imported(RefundState.PENDING, RefundState.SUCCEEDED)


def test_a_property_can_have_a_mutant() -> None:
    sums = "return sum(self.in_bucket(bucket) for bucket in ON_HAND)"
    with Change("commerce.inventory.model:Level.on_hand", sums, "return 7").made():
        assert Level(sku="MUG-BLUE", location="main").on_hand == 7


@pytest.mark.parametrize("old", ["what was never there", "state"])
def test_a_mutant_that_no_longer_fits_says_so(old: str) -> None:
    with pytest.raises(DoesNotFit), Change("commerce.checkout.settlement:settle", old, "").made():
        pass


def test_mutants_have_names_of_their_own_and_something_that_should_show_them() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    trials = {trial for mutant in MUTANTS for trial in mutant.kills}
    assert all(mutant.kills for mutant in MUTANTS)
    assert {trial.step for trial in trials if isinstance(trial, On)} <= {step.name for step in STEPS}
    assert {trial.pair for trial in trials if isinstance(trial, Race)} <= {pair.name for pair in PAIRS}
