"""Questions about staff keys."""

from commerce.kernel.call import Actor, Call
from commerce.kernel.paging import Page, cut, opened, sealed
from commerce.kernel.reads import get, listed
from commerce.kernel.signing import SigningKeys
from commerce.staff.model import KeyNotFound, StaffToken, can_manage_keys
from commerce.staff.records import KEYS, StaffKeyRecord
from commerce.staff.schemas import StaffKey


def authenticated(*, authorization: str) -> Actor | None:
    """Return the staff key that an Authorization header proves, or None when it proves nothing.

    One consistent read: a key that was revoked is refused at once (an authorizer's cache may still know it).

    :raises Unavailable: when DynamoDB does not answer; whoever asks must neither let in nor remember a refusal.
    """
    token = StaffToken.from_header(authorization)
    if token is None:
        return None
    record = get(StaffKeyRecord, KEYS, token.key_id)
    if record is None or not token.matches(record.secret_sha256) or record.revoked_at is not None:
        return None
    return Actor(kind="staff", id=record.sk, scopes=frozenset(record.scopes.split()))


def staff_key_record(*, key_id: str) -> StaffKeyRecord:
    """Return the stored key.

    :raises KeyNotFound: when there is none.
    """
    record = get(StaffKeyRecord, KEYS, key_id)
    if record is None:
        raise KeyNotFound
    return record


def staff_key(*, key_id: str) -> StaffKey:
    """Return a key as staff sees it.

    :raises KeyNotFound: when there is none.
    """
    return shown(staff_key_record(key_id=key_id))


def staff_keys(*, limit: int, cursor: str | None, call: Call, keys: SigningKeys) -> Page[StaffKey]:
    """Return a page of keys, the newest first, revoked ones too.

    :raises BadCursor: when the cursor belongs to somebody else or to another list.
    """
    scope = f"staff_keys {call.actor}"
    start = opened(cursor, scope=scope, keys=keys) if cursor else None
    found = StaffKeyRecord.query(
        KEYS, StaffKeyRecord.sk < start if start else None, scan_index_forward=False, limit=limit + 1
    )
    return cut(listed(found), limit=limit, shown=shown, cursor=lambda row: sealed(row.sk, scope=scope, keys=keys))


def living_manager(*, except_id: str = "") -> StaffKeyRecord | None:
    """Return a key other than this one that is not revoked and can manage keys; None when there is none."""
    return next(
        (
            record
            for record in listed(StaffKeyRecord.query(KEYS, consistent_read=True))
            if record.sk != except_id
            and record.revoked_at is None
            and can_manage_keys(frozenset(record.scopes.split()))
        ),
        None,
    )


def shown(record: StaffKeyRecord) -> StaffKey:
    """Return a stored key as staff sees it."""
    return StaffKey(
        id=record.sk,
        name=record.name,
        scopes=record.scopes.split(),
        status="active" if record.revoked_at is None else "revoked",
        created_at=record.created_at,
        created_by=record.created_by,
        revoked_at=record.revoked_at,
        revoked_by=record.revoked_by,
        version=int(record.version),
    )
