"""Mistakes in telling Stripe Tax of sales."""

from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On
from tests.faults.machine.steps.deliveries import ALONE

RECORDING = "commerce.taxes.recording"
RECORDS, TELLS = "record a sale at Stripe Tax", "POST tax/transactions"

MUTANTS = (
    Mutant(
        name="a sale has another reference each time",
        why="A reference has to be unique.",
        function=f"{RECORDING}:recorded",
        old="reference=order_id,",
        new="reference=new_id('sale'),",
        kills=(On(RECORDS, ALONE, Mode.CRASH_AFTER, TELLS),),
    ),
    Mutant(
        name="a sale that Stripe Tax did not answer counts as told",
        why="It is in the log, and nobody wants to wait.",
        function=f"{RECORDING}:_once",
        old="raise NotRecorded from error",
        new="refused = str(error)",
        kills=(On(RECORDS, ALONE, Mode.RATE_LIMITED, TELLS),),
    ),
)
