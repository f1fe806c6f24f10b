"""The edge of workers that a rule of the bus calls."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from commerce.entrypoints.invocations import invocation
from commerce.entrypoints.workers import Handler, call_of
from commerce.outbox.schemas import BusMessage


def rule_consumer(work: Callable[..., None], *, worker: str) -> Handler:
    """Return a handler that calls `work(event=..., call=...)` for each event that a rule picks.

    When it raises, Lambda calls it again, twice; then the event is in the dead letter queue.
    """

    @invocation
    def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - AWS's signature.
        work(event=BusMessage.model_validate(event).detail, call=call_of(worker))

    return handler
