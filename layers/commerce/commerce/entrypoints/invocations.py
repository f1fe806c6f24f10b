"""What holds for every invocation of a function, whoever calls it."""

import functools
import gc
from collections.abc import Callable

from commerce import IN_LAMBDA
from commerce.entrypoints.cost import metered


def invocation[**P, R](handler: Callable[P, R]) -> Callable[P, R]:
    """Return a handler that tells what it cost, and whose first run ends what a function sets up for its life."""
    costing = metered(handler)

    @functools.wraps(handler)
    def invoked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return costing(*args, **kwargs)
        finally:
            _set_up()

    return invoked


@functools.cache
def _set_up() -> None:
    """Let the garbage collector look at what invocations leave, never again at modules, models and clients."""
    if IN_LAMBDA:
        gc.freeze()
        gc.enable()
