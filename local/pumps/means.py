"""What every pump works with."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.clock import StoreClock
from local.engines.clients import Clients
from local.pumps.threads import Threads
from local.workers import WorkerPool

type SendTo = Callable[[str, Any, Mapping[str, str]], Awaitable[None]]
"""Delivers a document, with attributes, to a queue or a topic by its ARN."""


@dataclass(frozen=True, slots=True)
class Means:
    """The shared parts. `tally` counts what was done."""

    clients: Clients
    pool: WorkerPool
    threads: Threads
    clock: StoreClock
    send_to: SendTo
    tally: Counter[str]
