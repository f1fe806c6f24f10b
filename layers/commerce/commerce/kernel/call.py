"""Who asks, when, and under which idempotency key: what every operation is told."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from commerce.kernel.errors import Forbidden, StaleVersion
from commerce.kernel.idempotency import Once

ActorKind = Literal["shopper", "staff", "stripe", "system"]


class Actor(NamedTuple):
    """Whoever causes a change: a shopper, a staff key, Stripe, or a worker of ours (`system`)."""

    kind: ActorKind
    id: str
    scopes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind

    def require(self, scope: str) -> None:
        """Check that the actor was granted `scope` (`catalog:write`) or `*`.

        :raises Forbidden: when it was not.
        """
        if scope not in self.scopes and "*" not in self.scopes:
            detail = f"This needs the scope '{scope}'. Use a key that has it, or ask for one."
            raise Forbidden(detail)


@dataclass(frozen=True, slots=True)
class Call:
    """The circumstances of one call.

    :param once: the row that makes the effect happen once; None when the caller sent no Idempotency-Key.
    :param expected_version: what `If-Match` named; None when the caller did not say.
    :param client_ip: address of the caller, for limits only; empty for workers.
    """

    now: datetime
    actor: Actor
    once: Once | None = None
    expected_version: int | None = None
    client_ip: str = field(default="", repr=False)

    def check_version(self, current: int) -> None:
        """Compare what the caller saw with what is there.

        :raises StaleVersion: when the caller named another version.
        """
        if self.expected_version is not None and self.expected_version != current:
            detail = f"You changed version {self.expected_version}, but it is at version {current} by now."
            raise StaleVersion(detail)


def system_call(*, worker: str, now: datetime) -> Call:
    """Return the circumstances of a worker's own step."""
    return Call(now=now, actor=Actor(kind="system", id=worker))
