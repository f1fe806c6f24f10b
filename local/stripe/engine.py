"""The parts of a running local Stripe, and the background work between calls."""

import asyncio
import logging

from local.stripe.api import Api
from local.stripe.config import StripeConfig
from local.stripe.faults import Faults
from local.stripe.journal import Journal
from local.stripe.ledger import Ledger
from local.stripe.state_file import StateFile
from local.stripe.timers import ACTIONS
from local.stripe.webhooks import Webhooks

PULSE_SECONDS = 0.2
SAVE_EVERY = 5
log = logging.getLogger(__name__)


class Service:
    """Hold one account and everything that acts on it."""

    def __init__(self, config: StripeConfig) -> None:
        """Start with an empty account, or with the one in the state file."""
        self.config = config
        self.ledger = Ledger(config)
        self.journal = Journal(self.ledger)
        self.faults = Faults()
        self.webhooks = Webhooks(config, self.ledger, self.journal)
        self.api = Api(config, self.ledger, self.faults, self.journal)
        self._state = StateFile(config.state_file, self.ledger) if config.state_file else None

    def run_due(self) -> None:
        """Let everything happen whose time has come."""
        self.ledger.run_due(ACTIONS)

    def reset(self) -> None:
        """Go back to an empty account without faults, disturbances and journal."""
        self.ledger.reset()
        self.journal.clear()
        self.faults.clear()
        self.webhooks.reset()

    async def work(self) -> None:
        """Run timers, deliver webhooks and save the state until canceled.

        The clock may be any callable, so there is no telling when something will be due: look often.
        """
        pulses = 0
        while True:
            try:
                self.run_due()
                await self.webhooks.deliver()
            except Exception:
                log.exception("The local Stripe's background work failed and goes on.")
            pulses += 1
            if self._state and pulses % SAVE_EVERY == 0:
                self._state.save()
            self.webhooks.waiting.clear()
            try:
                await asyncio.wait_for(self.webhooks.waiting.wait(), PULSE_SECONDS)
            except TimeoutError:
                continue

    async def close(self) -> None:
        """Save the state and close the connections."""
        if self._state:
            self._state.save()
        await self.webhooks.close()
