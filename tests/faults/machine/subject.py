"""The store under test, as those see it who use it: a clock, an API, workers to invoke, a payment page."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.orders import operations as orders
from commerce.taxes import stripe_provider
from tests.faults.machine.history import History, Told
from tests.faults.machine.outside import how_it_ended
from tests.faults.machine.stripe_inside import InsideStripe
from tests.faults.machine.wire import Crash, Outgoing, Wire
from tests.support.aws import forget_secrets
from tests.support.store import Answer, Store


@dataclass(frozen=True, slots=True)
class Memory:
    """What one process knows and no other: leased order numbers, and the request that it is at work on."""

    numbers: tuple[int, ...]
    event: Any
    context: Any


class Subject:
    """One store in one process, which may die and be another one.

    :ivar invocations: how each worker's invocation ended: done, came again (in part), failed, died.
    """

    def __init__(self, store: Store, stripe: InsideStripe, wire: Wire) -> None:
        self.store = store
        self.stripe = stripe
        self.wire = wire
        self.history = History()
        self.invocations: list[str] = []
        self._offset = 0.0

    def look(self) -> None:
        """Look at what somebody changed just now."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        """Return the store's time."""
        return clock.now()

    def wait(self, seconds: float) -> None:
        """Let time pass, for Stripe too."""
        self._offset += seconds
        clock.set_offset(self._offset)
        self.stripe.let_time_pass()

    def _in(self, seconds: float) -> datetime:
        return self.now + timedelta(seconds=seconds)

    def new_process(self) -> None:
        """Forget what only a process knows, as a fresh container does."""
        orders._leased.clear()
        forget_secrets()
        stripe_provider.forget()

    def memory(self) -> Memory:
        """Return what this process knows, to go on with it after another has been at work."""
        return Memory(
            numbers=tuple(orders._leased),
            event=getattr(BaseRouter, "current_event", None),
            context=getattr(BaseRouter, "lambda_context", None),
        )

    def remember(self, memory: Memory) -> None:
        """Be the process again that knew this."""
        orders._leased[:] = memory.numbers
        _take_up(memory)

    @contextmanager
    def with_settings(self, **environment: str) -> Iterator[None]:
        """Run with other settings."""
        with patch.dict(os.environ, environment):
            settings.cache_clear()
            yield
        settings.cache_clear()

    # ---- what others do -------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer | None:
        """Call the API as a client does; None when the function died, which a client sees as 500 or 503."""
        headers = dict(options.get("headers") or {})
        with self._another_process():
            try:
                answer = self.store.call(method, path, body, **options)
            except Crash:
                self.new_process()
                self.history.heard(Told(method, path, headers, None, self.now))
                return None
            finally:
                self.wire.function_ended()
        self.history.heard(Told(method, path, headers, answer, self.now))
        return answer

    def invoke(self, worker: str, event: Mapping[str, Any] | None = None) -> Any:
        """Invoke a worker; the Crash or the error that ended it is returned."""
        with self._another_process():
            try:
                result = self.store.invoke(worker, event)
            except Crash as died:
                self.new_process()
                result = died
            except Exception as error:  # noqa: BLE001 - Lambda takes any error as a failed invocation.
                result = error
            finally:
                self.wire.function_ended()
        self.invocations.append(how_it_ended(result))
        return result

    def pay(self, intent_id: str, method: str = "pm_card_visa") -> None:
        """Pay in the shopper's browser."""
        self.stripe.pay(intent_id, method)
        self.look()

    def at_stripe(self, action: str, **fields: Any) -> bool:
        """Do what banks and Stripe's dashboard do, past the store (`dispute`); tell whether Stripe let them."""
        done = self.stripe.tried(action, **fields)
        self.look()
        return done

    def going_first(self, operation: str, act: Callable[[], None]) -> AbstractContextManager[None]:
        """Let others act once, the moment before such a call (`POST refunds`) is sent, and unseen by the watch."""
        return self._acting(lambda call: call.operation == operation, act)

    def meanwhile(self, at: int, act: Callable[[], None]) -> AbstractContextManager[None]:
        """Let others act once, the moment before the call number `at` from now is sent, and unseen by the watch."""
        numbers = count(1)
        return self._acting(lambda _: next(numbers) == at, act)

    @contextmanager
    def _acting(self, is_time: Callable[[Outgoing], bool], act: Callable[[], None]) -> Iterator[None]:
        others, waits = self.wire.gate, True

        def gate(call: Outgoing) -> None:
            nonlocal waits
            others(call)
            if waits and is_time(call):
                waits = False
                with self.wire.unwatched(), self._another_process():
                    act()

        self.wire.gate = gate
        try:
            yield
        finally:
            self.wire.gate = others

    @contextmanager
    def _another_process(self) -> Iterator[None]:
        """Keep apart what Powertools holds once per process, while functions run inside of each other."""
        memory = self.memory()
        try:
            yield
        finally:
            _take_up(memory)


def _take_up(memory: Memory) -> None:
    """Let Powertools go on with a request; it holds one for the whole process."""
    if memory.event is not None and memory.context is not None:
        BaseRouter.current_event, BaseRouter.lambda_context = memory.event, memory.context
