"""Mistakes that must be found: deliberate faults in the code under test, and the hunt for each of them."""

from tests.faults.machine.mutants import (
    buying,
    closing,
    kernel,
    paying_by_card,
    promoting,
    refunding,
    settling,
    splitting,
    taxing,
    telling,
)
from tests.faults.machine.mutants.hunt import Verdict, hunted, unheard
from tests.faults.machine.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *buying.MUTANTS,
    *settling.MUTANTS,
    *closing.MUTANTS,
    *promoting.MUTANTS,
    *refunding.MUTANTS,
    *kernel.MUTANTS,
    *telling.MUTANTS,
    *taxing.MUTANTS,
    *paying_by_card.MUTANTS,
    *splitting.MUTANTS,
)

__all__ = ["MUTANTS", "Mutant", "Verdict", "hunted", "unheard"]
