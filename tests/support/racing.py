"""Many at once: threads that call operations at the same moment, and what each was told."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from commerce.kernel import clock
from commerce.kernel.call import Actor, Call
from commerce.kernel.errors import CommerceError
from commerce.kernel.idempotency import Once
from commerce.kernel.signing import SigningKey, SigningKeys
from commerce.kernel.transactions import AlreadyDone

DONE = "done"
KEYS = SigningKeys((SigningKey("k1", b"secret of the races"),))


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all of this at the same moment; return what each returned (`done` for nothing), or the code of its error."""
    start = Barrier(len(works))

    def outcome(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            returned = work()
        except CommerceError as error:
            return error.code
        except AlreadyDone:
            return "already done"
        return DONE if returned is None else returned

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(outcome, works))


def refusals(outcomes: Sequence[Any]) -> Counter[str]:
    """Count the codes of errors among the outcomes."""
    return Counter(outcome for outcome in outcomes if isinstance(outcome, str))


def staff_call(key: str | None = None) -> Call:
    """Return the circumstances of a staff call, with an Idempotency-Key or without."""
    now = clock.now()
    once = Once(pk=f"once {key}", request="the same", keys=KEYS, now=now) if key else None
    return Call(now=now, actor=Actor(kind="staff", id="key_test", scopes=frozenset({"*"})), once=once)
