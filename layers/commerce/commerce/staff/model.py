"""What a staff key is: an id, a secret that only its holder knows, and scopes."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from commerce.kernel.errors import Conflict, Forbidden, NotFound

EVERYTHING = "*"
MANAGES_KEYS = "staff:write"
SCOPES: dict[str, str] = {
    EVERYTHING: "everything, also what is added later",
    "catalog:read": "see products, drafts too",
    "catalog:write": "change products and categories",
    "inventory:read": "see stock and its history",
    "inventory:write": "receive and adjust stock",
    "invoices:read": "see invoices, credit notes, and who sells",
    "invoices:write": "issue invoices, and say who sells and how they are numbered",
    "orders:read": "see orders and their shoppers",
    "orders:write": "dispatch, cancel and refund orders",
    "payments:read": "see payments that need a person",
    "payments:write": "decide about payments that need a person",
    "promotions:read": "see promotions and their codes",
    "promotions:write": "change promotions and make codes",
    "giftcards:read": "see gift cards and store credit, never their codes",
    "giftcards:write": "issue, adjust and disable gift cards and store credit",
    "prices:read": "see price lists, price rules and exchange rates, and what variants cost the shop",
    "prices:write": "change price lists, price rules and exchange rates",
    "shipping:read": "see shipping methods",
    "shipping:write": "change shipping methods",
    "taxes:read": "see tax rules, and try them",
    "taxes:write": "change tax rules, and have tax ids checked",
    "staff:read": "see staff keys, never their secrets",
    MANAGES_KEYS: "make and revoke staff keys",
}
"""Every scope there is, and what it lets a key do."""

SECRET_BYTES = 20
TOKEN = re.compile(r"twsk_(?P<id>[0-9a-v]{26})_(?P<secret>[a-z2-7]{32})")
BEARER = re.compile(rf"(?i:bearer) (?P<token>{TOKEN.pattern})")


class KeyNotFound(NotFound):
    code = "staff.key_not_found"
    title = "There is no such staff key"


class ScopeNotYours(Forbidden):
    code = "staff.scope_not_yours"
    title = "A key can only grant scopes that it has itself"


class LastManager(Conflict):
    code = "staff.last_manager"
    title = "This is the last key that can manage staff keys; make another one before you revoke it"


def new_key_id(now: datetime) -> str:
    """Return `key_` and 26 characters that sort by time of making; an id is no secret."""
    milliseconds = int(now.timestamp() * 1000)
    return "key_" + base64.b32hexencode(milliseconds.to_bytes(6) + secrets.token_bytes(10)).decode().rstrip("=").lower()


@dataclass(frozen=True, slots=True)
class StaffToken:
    """What a staff member sends as `Authorization: Bearer twsk_…`: the key's id and its secret of 160 random bits."""

    key_id: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls, *, now: datetime) -> Self:
        """Make up a key that nobody had before."""
        secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode().lower()
        return cls(key_id=new_key_id(now), secret=secret)

    @classmethod
    def parsed(cls, text: str) -> Self | None:
        """Read a token, or None when it is none."""
        return cls._of(TOKEN.fullmatch(text))

    @classmethod
    def from_header(cls, header: str) -> Self | None:
        """Read an Authorization header: `Bearer`, one space and a token, and nothing else."""
        return cls._of(BEARER.fullmatch(header))

    @classmethod
    def _of(cls, match: re.Match[str] | None) -> Self | None:
        return cls(key_id=f"key_{match['id']}", secret=match["secret"]) if match else None

    @property
    def text(self) -> str:
        """Return the token as its holder sends it. Show it once, store it nowhere."""
        return f"twsk_{self.key_id.removeprefix('key_')}_{self.secret}"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the secret: with 160 random bits it needs no salt and no slow hash."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def matches(self, digest: str) -> bool:
        """Compare with a stored digest, in the same time whether it fits or not."""
        return hmac.compare_digest(self.digest, digest)


def can_manage_keys(scopes: frozenset[str]) -> bool:
    """Tell whether these scopes let a key make and revoke keys."""
    return not scopes.isdisjoint({EVERYTHING, MANAGES_KEYS})


def check_grant(*, wanted: frozenset[str], granter: frozenset[str]) -> None:
    """Check that nobody gives away more than they have.

    :raises ScopeNotYours: naming the scopes that the granter lacks.
    """
    lacking = sorted(wanted - granter)
    if lacking and EVERYTHING not in granter:
        detail = f"Your key cannot grant {', '.join(lacking)}, as it does not have it itself."
        raise ScopeNotYours(detail)
