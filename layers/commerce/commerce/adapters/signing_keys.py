"""The store's signing keys in SSM: made once, and replaced without a moment in which a signature fails."""

import json
import secrets

from commerce.adapters import ssm
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

Key = dict[str, str]
DESCRIPTION = "Keys that sign order tokens, cursors and idempotency rows. The first signs, all verify."


class UnknownSigningKey(Unavailable):
    code = "signing.unknown_key"
    title = "There is no such signing key"
    retryable = False


def ensure_signing_keys() -> bool:
    """Make the first signing key unless there is one; tell whether it was made."""
    return ssm.create_secret(settings().signing_keys_name, json.dumps([_new()]), description=DESCRIPTION)


def add_signing_key() -> str:
    """Add a key that verifies and does not sign yet, and return its id.

    Every function must know a key before any function signs with it: they read the keys every five minutes.
    """
    key = _new()
    _replace([*_keys(), key])
    return key["id"]


def use_signing_key(key_id: str) -> tuple[str, ...]:
    """Let this key sign from now on, keep the one that signed before, and forget the others; return both ids.

    :raises UnknownSigningKey: when it was not added before.
    """
    keys = _keys()
    chosen = next((key for key in keys if key["id"] == key_id), None)
    if chosen is None:
        raise UnknownSigningKey
    kept = [chosen, *[key for key in keys if key["id"] != key_id][:1]]
    _replace(kept)
    return tuple(key["id"] for key in kept)


def _new() -> Key:
    return {"id": f"k{secrets.token_hex(4)}", "secret": secrets.token_urlsafe(32)}


def _keys() -> list[Key]:
    text = ssm.stored(settings().signing_keys_name)
    if text is None:
        detail = f"The parameter '{settings().signing_keys_name}' is not set; deploy the store first."
        raise Unavailable(detail)
    keys: list[Key] = json.loads(text)
    return keys


def _replace(keys: list[Key]) -> None:
    ssm.replace_secret(settings().signing_keys_name, json.dumps(keys), description=DESCRIPTION)
