"""Identifiers: a type prefix and 128 random bits, so that an id alone can open a door."""

import base64
import secrets


def new_id(prefix: str) -> str:
    """Return `prefix_` and 26 characters of base 32 in lower case, not guessable."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"
