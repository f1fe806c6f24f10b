"""What chance and time decide in a run, so that one seed gives one run.

DynamoDB's client tokens stay as random as they are: the engine remembers them for ten minutes, and would take a run
that comes again for repeats of the first. Nothing depends on what they are.
"""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from moto.moto_api._internal import mock_random

from commerce.kernel import clock, ids

BEGINNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
A_MOMENT = timedelta(milliseconds=1)


class _Clock:
    """Goes on by a moment each time that the run looks, however long the machine took.

    Threads of others look too, as often as they like: the local Stripe of other tests, which waits for its timers.
    """

    def __init__(self) -> None:
        self._now = BEGINNING
        self._run = threading.get_ident()

    def __call__(self) -> datetime:
        if threading.get_ident() == self._run:
            self._now += A_MOMENT
        return self._now + clock._offset


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Give ids and times that are the same each time; different seeds give different ids."""
    mock_random.seed(seed)
    chance = random.Random(seed)
    secrets = SimpleNamespace(token_bytes=chance.randbytes)
    with patch.object(clock, "now", _Clock()), patch.object(ids, "secrets", secrets):
        yield
