"""Everything that moves money or stock, as steps under test."""

from tests.faults.machine.cases import Step
from tests.faults.machine.steps import (
    cancelling,
    capturing,
    cards,
    checkout,
    deliveries,
    hot_skus,
    misfits,
    promotions,
    publishing,
    rarities,
    refunding,
    shopping,
    stock,
    sweeping,
    taxing,
)

STEPS: tuple[Step, ...] = (
    *checkout.STEPS,
    *cancelling.STEPS,
    *refunding.STEPS,
    *capturing.STEPS,
    *stock.STEPS,
    *shopping.STEPS,
    *promotions.STEPS,
    *deliveries.STEPS,
    *misfits.STEPS,
    *publishing.STEPS,
    *sweeping.STEPS,
    *rarities.STEPS,
    *taxing.STEPS,
    *cards.STEPS,
    *hot_skus.STEPS,
)
