"""Everything that moves money or stock, as steps under test."""

from tests.faults.machine.cases import Step
from tests.faults.machine.steps import checkout

STEPS: tuple[Step, ...] = (*checkout.STEPS,)
