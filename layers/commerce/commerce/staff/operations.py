"""Changes of staff keys."""

from commerce.kernel.call import Call
from commerce.kernel.errors import Conflict
from commerce.kernel.outbox import announce
from commerce.kernel.transactions import Write, check, commit, create, put
from commerce.staff import queries
from commerce.staff.events import StaffKeyCreated, StaffKeyRevoked
from commerce.staff.model import EVERYTHING, LastManager, StaffToken, can_manage_keys, check_grant
from commerce.staff.records import KEYS, StaffKeyRecord
from commerce.staff.schemas import CreatedStaffKey, NewStaffKey, StaffKey

KEEP_IT = "Keep the token in a safe place now: it is stored nowhere and never shown again."
NOT_AGAIN = (
    "This repeats a request that made the key before. The token was in the first answer and cannot be shown again; "
    "if it is lost, revoke this key and make another one."
)


class KeyIdTaken(Conflict):
    code = "staff.key_id_taken"
    title = "This staff key exists with another secret"


def create_staff_key(*, new: NewStaffKey, call: Call) -> CreatedStaffKey:
    """Make a staff key and show its token, this once.

    :raises ScopeNotYours: when the caller's own key lacks one of the scopes.
    """
    check_grant(wanted=frozenset(new.scopes), granter=call.actor.scopes)
    token = StaffToken.new(now=call.now)
    record = _register(token, name=new.name, scopes=new.scopes, call=call)
    return CreatedStaffKey(**dict(queries.shown(record)), token=token.text, notice=KEEP_IT)


def staff_key_again(*, resource: str, call: Call) -> CreatedStaffKey:  # noqa: ARG001 - the shape of a replay.
    """Show a key that a repeated request had made, without its token."""
    return CreatedStaffKey(**dict(queries.staff_key(key_id=resource)), token=None, notice=NOT_AGAIN)


def register_first_key(*, token: StaffToken, call: Call) -> None:
    """Make the deploy's own key, with every scope, unless it is there: repeating this changes nothing."""
    try:
        _register(token, name="first key, made by the deploy", scopes=[EVERYTHING], call=call)
    except KeyIdTaken:
        if not token.matches(queries.staff_key_record(key_id=token.key_id).secret_sha256):
            raise


def revoke_staff_key(*, key_id: str, call: Call) -> StaffKey:
    """Revoke a key for ever; revoking it again changes nothing.

    One other key that can manage keys must stay alive: the transaction requires it, so that two keys which revoke
    each other at the same moment do not lock the merchant out.

    :raises KeyNotFound: when there is no such key.
    :raises LastManager: when it is the last one that can manage keys.
    """
    record = queries.staff_key_record(key_id=key_id)
    call.check_version(int(record.version))
    if record.revoked_at is not None:
        commit([call.once and call.once.row(key_id)])
        return queries.shown(record)
    revoked = StaffKeyRecord(
        pk=KEYS,
        sk=key_id,
        name=record.name,
        scopes=record.scopes,
        secret_sha256=record.secret_sha256,
        version=int(record.version) + 1,
        created_at=record.created_at,
        created_by=record.created_by,
        revoked_at=call.now,
        revoked_by=str(call.actor),
    )
    event = StaffKeyRevoked(key_id=key_id, name=record.name)
    commit(
        [
            put(revoked, condition=StaffKeyRecord.version == record.version),
            _somebody_remains(record),
            announce(event, aggregate=_aggregate(key_id), sequence=int(revoked.version), call=call),
            call.once and call.once.row(key_id),
        ]
    )
    return queries.shown(revoked)


def revoked_key_again(*, resource: str, call: Call) -> StaffKey:  # noqa: ARG001 - the shape of a replay.
    """Show a key that a repeated request had revoked."""
    return queries.staff_key(key_id=resource)


def _register(token: StaffToken, *, name: str, scopes: list[str], call: Call) -> StaffKeyRecord:
    record = StaffKeyRecord(
        pk=KEYS,
        sk=token.key_id,
        name=name,
        scopes=" ".join(sorted(scopes)),
        secret_sha256=token.digest,
        version=1,
        created_at=call.now,
        created_by=str(call.actor),
    )
    event = StaffKeyCreated(key_id=token.key_id, name=name, scopes=sorted(scopes))
    commit(
        [
            create(record, refused=lambda _: KeyIdTaken()),
            announce(event, aggregate=_aggregate(token.key_id), sequence=1, call=call),
            call.once and call.once.row(token.key_id),
        ]
    )
    return record


def _somebody_remains(record: StaffKeyRecord) -> Write | None:
    """Return the requirement that another living key can manage keys, when this one could."""
    if not can_manage_keys(frozenset(record.scopes.split())):
        return None
    other = queries.living_manager(except_id=record.sk)
    if other is None:
        raise LastManager
    return check(StaffKeyRecord(pk=KEYS, sk=other.sk), StaffKeyRecord.version == other.version)


def _aggregate(key_id: str) -> str:
    return f"staff_key#{key_id}"
