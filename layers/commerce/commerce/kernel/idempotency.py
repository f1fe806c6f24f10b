"""Idempotency-Key: one row per key, written in the effect's own transaction.

The row holds a fingerprint of the request, the id of the resource and a lease, never the answer: a repeat renders the
answer again. It is created together with the effect, so it exists if and only if the effect does.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from commerce.kernel import clock
from commerce.kernel.errors import Conflict, Invalid, Unavailable, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.log import logger
from commerce.kernel.reads import get
from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName
from commerce.kernel.signing import SigningKeys
from commerce.kernel.transactions import Write, commit, create, update

KEPT = timedelta(hours=48)
PURPOSE = "idempotency"


class KeyReused(Invalid):
    code = "idempotency.key_reused"
    title = "This Idempotency-Key was used for another request; use a new key for a new request"


class StillRunning(Conflict):
    code = "idempotency.in_flight"
    title = "A request with this Idempotency-Key is being worked on; repeat it in a moment"
    retryable = True


class IdempotencyRecord(Record):
    """pk: hash of caller, route and key · sk: `once`.

    `revision` is random with each write, so that a repeated write recognizes itself, and not a twin's.
    """

    class Meta:
        table_name = TableName("idempotency_table")

    fingerprint = UnicodeAttribute()
    resource = UnicodeAttribute()
    done_at = InstantAttribute()
    leased_until = OptionalInstantAttribute()
    revision = UnicodeAttribute(null=True)
    expires_ttl = NumberAttribute()


@final
@dataclass(frozen=True, slots=True)
class Once:
    """The idempotency row of one call: put it into the transaction of the effect.

    :param request: path, query and canonical body; only its keyed hash is stored.
    """

    pk: str
    request: str = field(repr=False)
    keys: SigningKeys = field(repr=False)
    now: datetime
    _written: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    @property
    def is_recorded(self) -> bool:
        """Tell whether this very call wrote the row, so that the effect is its own and not that of a twin."""
        return "row" in self._written

    def row(self, resource: str, *, lease: timedelta | None = None) -> Write:
        """Return the write that marks the effect as done.

        :param resource: id from which the answer can be rendered again.
        :param lease: set when work goes on after the transaction (a call to Stripe): repeats are told to wait until
            the lease ends or `finished` is written; after that a repeat resumes the work.
        """
        record = IdempotencyRecord(
            pk=self.pk,
            sk="once",
            fingerprint=self.keys.sign(PURPOSE, self.request),
            resource=resource,
            done_at=self.now,
            leased_until=self.now + lease if lease else None,
            revision=new_id("rev"),
            expires_ttl=clock.epoch(self.now + KEPT),
        )
        return create(record, signals_done=True, and_then=lambda: self._written.add("row"))

    def record(self, resource: str) -> None:
        """Write the row now, unless the effect's transaction has: what was asked for turned out to be there already.

        :raises AlreadyDone: when a twin of this call wrote it.
        """
        if not self.is_recorded:
            commit([self.row(resource)])

    def finished(self) -> Write:
        """Return the write that ends the lease: the answer can be given to repeats."""
        return update(
            IdempotencyRecord(pk=self.pk, sk="once"),
            IdempotencyRecord.leased_until.remove(),
            and_then=lambda: self._written.add("end of lease"),
        )

    def finish(self) -> None:
        """End the lease now, unless another transaction of this call has: somebody else may have done its work.

        What cannot be written is left: the lease ends by itself, and the caller is owed the answer.
        """
        if "end of lease" in self._written:
            return
        try:
            commit([self.finished()])
        except (Unavailable, WriteConflict):
            logger.warning("the lease of an idempotency key could not be ended")

    def resource_done(self, *, now: datetime) -> str | None:
        """Return the resource of the call that already had the effect; None when there was none.

        :raises KeyReused: when that call was another request.
        :raises StillRunning: while that call is at work.
        """
        record = get(IdempotencyRecord, self.pk, "once")
        if record is None:
            return None
        if not self.keys.verifies(PURPOSE, self.request, record.fingerprint):
            raise KeyReused
        if record.leased_until is not None and record.leased_until > now:
            raise StillRunning(retry_after_seconds=1)
        return record.resource
