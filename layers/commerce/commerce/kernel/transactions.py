"""All writes to DynamoDB: domains return opaque writes, and `commit` carries them out together.

One place merges actions on the same item, holds the budget, retries conflicts, and turns the reasons of a
cancelled transaction back into domain errors. Two rules of DynamoDB shape it:

- A lost response makes the SDK repeat the call. The repeat then fails on our own first effect. So when an item that
  we tried to put is already there, to the letter, the transaction is ours and done (items carry random ids).
- Overlapping transactions on one item are refused with `TransactionConflict`; that is no answer, so we try again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from copy import replace
from functools import reduce
from operator import and_
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import CancellationReason, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.kernel.errors import CommerceError, Conflict, Unavailable, WriteConflict
from commerce.kernel.log import logger
from commerce.kernel.records import Record, connection
from commerce.kernel.retrying import Patience, again_after

BUDGET = 100
"""Actions that one TransactWriteItems takes (AWS's limit)."""

ATTEMPTS = 8
LONGEST_SECONDS = 2.5
"""No further attempt begins after that: the shortest function has ten seconds, and owes its caller an answer."""

PATIENCE = Patience(attempts=ATTEMPTS, longest_wait=0.4, seconds=LONGEST_SECONDS)

RETRIED_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
CONFLICT = "TransactionConflictException"
"""What a put on its own gets while a transaction holds the item."""

RETRIED_CODES = frozenset(
    {
        CONFLICT,
        "TransactionInProgressException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
    }
)

Refusal = Callable[[Record | None], CommerceError]
"""Turns the item that refused the condition (None: there is none) into what the caller reads."""

Kind = Literal["check", "delete", "put", "update"]
_ORDER: dict[Kind, int] = {"check": 0, "delete": 1, "put": 2, "update": 3}


class TooManyWrites(Conflict):
    code = "request.too_many_writes"
    title = "This touches more rows than one transaction may; make it smaller"


class AlreadyDone(Exception):
    """The row that stands for this effect exists: it has happened, or happens right now."""


class Write(NamedTuple):
    """One action of a transaction. Make it with `put`, `update`, `delete` or `check`; treat it as opaque."""

    kind: Kind
    record: Record
    actions: tuple[Action, ...] = ()
    condition: Condition | None = None
    refused: Refusal | None = None
    signals_done: bool = False
    and_then: Callable[[], None] | None = None
    contended: Callable[[int], None] | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Table, partition key and sort key: what DynamoDB allows once in a transaction."""
        return (self.record.Meta.table_name, self.record.pk, self.record.sk)


def put(record: Record, *, condition: Condition | None = None, refused: Refusal | None = None) -> Write:
    """Write a whole item."""
    return Write("put", record, condition=condition, refused=refused)


def create(
    record: Record,
    *,
    refused: Refusal | None = None,
    signals_done: bool = False,
    and_then: Callable[[], None] | None = None,
) -> Write:
    """Write a whole item that must not exist yet.

    :param and_then: called by `commit` once the transaction is carried out.
    """
    missing = type(record).pk.does_not_exist()
    return Write("put", record, condition=missing, refused=refused, signals_done=signals_done, and_then=and_then)


def update(
    record: Record,
    *actions: Action,
    condition: Condition | None = None,
    refused: Refusal | None = None,
    and_then: Callable[[], None] | None = None,
    contended: Callable[[int], None] | None = None,
) -> Write:
    """Change attributes of the item that `record` names by its keys.

    :param and_then: called by `commit` once the transaction is carried out.
    :param contended: called by `commit` at its end when other transactions held the item, with how often they did.
    """
    return Write(
        "update",
        record,
        actions=actions,
        condition=condition,
        refused=refused,
        and_then=and_then,
        contended=contended,
    )


def delete(record: Record, *, condition: Condition | None = None, refused: Refusal | None = None) -> Write:
    """Remove the item that `record` names by its keys."""
    return Write("delete", record, condition=condition, refused=refused)


def check(record: Record, condition: Condition, *, refused: Refusal | None = None) -> Write:
    """Require a condition of an item that the transaction does not change."""
    return Write("check", record, condition=condition, refused=refused)


def commit(writes: Iterable[Write | None]) -> None:
    """Carry out all writes, or none. `None` entries are passed over.

    Repeating a commit with the same `Write` objects is safe when one of them puts an item with a random id.

    :raises TooManyWrites: before anything is written, when the budget is exceeded.
    :raises CommerceError: what the first refused write (by position) made of its condition; refusals of the same
        class are joined into one.
    :raises AlreadyDone: when a write that signals it was refused; this comes before every other refusal.
    :raises WriteConflict: when others kept holding the items.
    :raises Unavailable: when DynamoDB does not answer.
    """
    wanted = [write for write in writes if write is not None]
    merged = sorted(merge(wanted), key=lambda write: _ORDER[write.kind])
    if not merged:
        return
    if len(merged) > BUDGET:
        detail = f"This needs {len(merged)} writes in one transaction, and {BUDGET} is the most there can be."
        raise TooManyWrites(detail)
    held: Counter[int] = Counter()
    attempt = again_after(PynamoDBException, BotoCoreError, ClientError, patience=PATIENCE, when=_is_worth_repeating)
    try:
        attempt(_attempt)(merged, client_token=str(uuid4()), held=held)
        _tell_contended(merged, held)
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        _tell_contended(merged, held)
        explanation = _explained(error, merged)
        if explanation is not None:
            raise explanation from error
    for write in wanted:
        if write.and_then is not None:
            write.and_then()


def _tell_contended(writes: list[Write], held: Counter[int]) -> None:
    for place, times in held.items():
        contended = writes[place].contended
        if contended is not None:
            contended(times)


def merge(writes: Iterable[Write]) -> list[Write]:
    """Join writes on the same item into one, as a transaction may name an item once.

    Updates and checks of one item become one update; domains see to it that they set different attributes.

    :raises ValueError: for two writes of one item that cannot both be meant (a put and anything else).
    """
    by_key: dict[tuple[str, str, str], list[Write]] = {}
    for write in writes:
        by_key.setdefault(write.key, []).append(write)
    return [_merged(group) for group in by_key.values()]


def _merged(group: list[Write]) -> Write:
    first = group[0]
    if len(group) == 1:
        return first
    if any(write.kind not in {"update", "check"} for write in group):
        message = f"Two writes of one item cannot be merged: {first.key[0]} {[write.kind for write in group]}"
        raise ValueError(message)
    conditions = [write.condition for write in group if write.condition is not None]
    base = next((write for write in group if write.kind == "update"), first)
    return replace(
        base,
        actions=tuple(action for write in group for action in write.actions),
        condition=reduce(and_, conditions) if conditions else None,
        refused=next((write.refused for write in group if write.refused is not None), None),
        contended=next((write.contended for write in group if write.contended is not None), None),
    )


def _attempt(writes: list[Write], *, client_token: str, held: Counter[int]) -> None:
    """Send the transaction, and count at which of its items another one was at work."""
    try:
        _send(writes, client_token=client_token)
    except TransactWriteError as error:
        reasons = enumerate(_reasons(error))
        held.update(place for place, reason in reasons if reason is not None and reason.code == "TransactionConflict")
        raise


def _send(writes: list[Write], *, client_token: str) -> None:
    if len(writes) == 1 and writes[0].kind == "put":
        _put_one(writes[0])
        return
    arguments: dict[Kind, list[dict[str, Any]]] = {"check": [], "delete": [], "put": [], "update": []}
    for write in writes:
        arguments[write.kind].append(_arguments(write))
    connection().transact_write_items(
        condition_check_items=arguments["check"],
        delete_items=arguments["delete"],
        put_items=arguments["put"],
        update_items=arguments["update"],
        client_request_token=client_token,
    )


def _put_one(write: Write) -> None:
    """Put a single item without the double price of a transaction."""
    connection().dispatch("PutItem", _arguments(write))


def _arguments(write: Write) -> dict[str, Any]:
    if write.kind == "put":
        return write.record.get_save_kwargs_from_instance(
            condition=write.condition, return_values_on_condition_failure="ALL_OLD"
        )
    if write.kind == "update":
        return write.record.get_update_kwargs_from_instance(
            actions=list(write.actions), condition=write.condition, return_values_on_condition_failure="ALL_OLD"
        )
    if write.kind == "delete":
        return write.record.get_delete_kwargs_from_instance(condition=write.condition)
    return type(write.record).get_operation_kwargs_from_class(
        write.record.pk, range_key=write.record.sk, condition=write.condition
    )


def _reasons(error: BaseException) -> list[CancellationReason | None]:
    return list(error.cancellation_reasons) if isinstance(error, TransactWriteError) else []


def _client_error(error: BaseException) -> ClientError | None:
    cause = error.cause if isinstance(error, PynamoDBException) else error
    return cause if isinstance(cause, ClientError) else None


def _is_worth_repeating(error: BaseException) -> bool:
    client_error = _client_error(error)
    if client_error is None:
        return isinstance(error, BotoCoreError | PynamoDBException)
    codes = {reason.code for reason in _reasons(error) if reason is not None}
    if codes:
        return codes <= RETRIED_REASONS
    return client_error.response["Error"]["Code"] in RETRIED_CODES


def _explained(error: Exception, writes: list[Write]) -> Exception | None:
    """Find out what a failed transaction means: done already (None), refused by a condition, or in trouble."""
    refusals = _refusals(error, writes)
    refused_puts = [(write, old) for write, old in refusals if write.kind == "put"]
    if refused_puts and all(_is_ours(write, old) for write, old in refused_puts):
        return None
    if any(write.signals_done for write, _ in refusals):
        return AlreadyDone()
    if refusals:
        return _joined([_refusal(write, old) for write, old in refusals])
    if any(reason is not None and reason.code in RETRIED_REASONS for reason in _reasons(error)):
        return WriteConflict()
    client_error = _client_error(error)
    code = client_error.response["Error"]["Code"] if client_error is not None else type(error).__name__
    if code == CONFLICT:
        return WriteConflict()
    logger.error("dynamodb did not carry out a transaction", code=code, tables=[write.key[0] for write in writes])
    return Unavailable()


def _refusals(error: Exception, writes: list[Write]) -> list[tuple[Write, Record | None]]:
    client_error = _client_error(error)
    if client_error is not None and client_error.response["Error"]["Code"] == "ConditionalCheckFailedException":
        # pynamodb re-wraps the error and keeps the item that refused only in the original.
        original = client_error.__cause__
        item: Any = original.response.get("Item") if isinstance(original, ClientError) else None
        return [(writes[0], _old(writes[0], item))]
    return [
        (write, _old(write, reason.raw_item))
        for write, reason in zip(writes, _reasons(error), strict=False)
        if reason is not None and reason.code == "ConditionalCheckFailed"
    ]


def _old(write: Write, raw: dict[str, Any] | None) -> Record | None:
    return type(write.record).from_raw_data(raw) if raw else None


def _is_ours(write: Write, old: Record | None) -> bool:
    return old is not None and old.content() == write.record.content()


def _refusal(write: Write, old: Record | None) -> CommerceError:
    return write.refused(old) if write.refused is not None else WriteConflict()


def _joined(errors: list[CommerceError]) -> CommerceError:
    first = errors[0]
    return first.joined(tuple(error for error in errors[1:] if type(error) is type(first)))
