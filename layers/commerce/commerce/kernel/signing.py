"""Keyed hashes: order tokens, cursors and idempotency fingerprints. Two keys are valid while one is replaced."""

import base64
import hashlib
import hmac
from typing import NamedTuple


class SigningKey(NamedTuple):
    """One key. The id travels with each signature and tells which key made it."""

    id: str
    secret: bytes


class SigningKeys(NamedTuple):
    """The keys in force: the first signs, all of them verify."""

    keys: tuple[SigningKey, ...]

    def sign(self, purpose: str, message: str) -> str:
        """Return `key id.signature` over the message, valid for this purpose alone."""
        key = self.keys[0]
        return f"{key.id}.{_mac(key, purpose, message)}"

    def verifies(self, purpose: str, message: str, signature: str) -> bool:
        """Tell whether one of the keys made the signature for this purpose and message."""
        key_id, _, mac = signature.partition(".")
        return any(
            key.id == key_id and hmac.compare_digest(_mac(key, purpose, message).encode(), mac.encode())
            for key in self.keys
        )


def keyed_digest(secret: bytes, purpose: str, message: str) -> bytes:
    """Return 32 bytes that only who has the secret can compute, for this purpose alone (HMAC-SHA-256)."""
    return hmac.digest(secret, f"{purpose}\n{message}".encode(), hashlib.sha256)


def _mac(key: SigningKey, purpose: str, message: str) -> str:
    return base64.urlsafe_b64encode(keyed_digest(key.secret, purpose, message)).decode().rstrip("=")
