"""Trying again: tenacity's loop, which is loaded when something has to be tried again, and hardly ever is."""

from collections.abc import Callable
from functools import partial, wraps
from time import monotonic
from typing import NamedTuple


class Patience(NamedTuple):
    """How often, and how long, something is tried.

    :ivar attempts: None: as many as there is time for.
    :ivar first_wait: seconds; waits are drawn at random from 0 on, and double with each attempt.
    :ivar seconds: when no further attempt begins; None: whenever.
    """

    attempts: int | None = 4
    first_wait: float = 0.02
    longest_wait: float = 0.2
    seconds: float | None = None


USUAL = Patience()


def again_after[**P, R](
    *errors: type[Exception],
    patience: Patience = USUAL,
    when: Callable[[BaseException], bool] = lambda _: True,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function be tried again after these errors; the last one is raised when patience ends.

    :param when: which of them pass by themselves.
    """

    def decorate(work: Callable[P, R]) -> Callable[P, R]:
        @wraps(work)
        def tried(*args: P.args, **kwargs: P.kwargs) -> R:
            started = monotonic()
            try:
                return work(*args, **kwargs)
            except errors as error:
                if not when(error):
                    raise
                left = None if patience.seconds is None else patience.seconds - (monotonic() - started)
                return _again(partial(work, *args, **kwargs), error, errors, when, patience._replace(seconds=left))

        return tried

    return decorate


def _again[R](
    work: Callable[[], R],
    first: Exception,
    errors: tuple[type[Exception], ...],
    when: Callable[[BaseException], bool],
    patience: Patience,
) -> R:
    # It takes 5 ms to import, with asyncio and all, which most cold starts have no use for.
    from tenacity import (  # noqa: PLC0415
        Retrying,
        retry_if_exception,
        stop_after_attempt,
        stop_after_delay,
        stop_any,
        wait_random_exponential,
    )

    known = [first]

    def attempt() -> R:
        if known:
            raise known.pop()
        return work()

    attempts, seconds = patience.attempts, patience.seconds
    by_attempts = [stop_after_attempt(attempts)] if attempts is not None else []
    by_time = [stop_after_delay(max(seconds, 0))] if seconds is not None else []
    loop = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, errors) and when(error)),
        wait=wait_random_exponential(multiplier=patience.first_wait, max=patience.longest_wait),
        stop=stop_any(*by_attempts, *by_time),
        reraise=True,
    )
    return loop(attempt)
