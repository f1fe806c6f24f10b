"""Codes: how they are written, compared and drawn."""

import re
import secrets
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from commerce.kernel.schema import Output

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, which are read as each other; no vowels, so that no words arise."""

DRAWN = 12
"""Letters of a drawn code: 57 bits. Of a million codes one is guessed in 10^11 trials."""

GROUP = 4
LONGEST = 40
SEPARATORS = re.compile(r"[\s._-]+")
NORMAL = re.compile(r"[A-Z0-9]{3,40}")


def normalized(text: str) -> str:
    """Return a code as it is compared: in capitals, without spaces, hyphens, dots and underscores.

    :raises ValueError: when it has other letters than A to Z and digits, or too few or too many.
    """
    plain = unicodedata.normalize("NFKC", text)
    code = SEPARATORS.sub("", plain).upper() if plain.isascii() else ""
    if not NORMAL.fullmatch(code):
        message = f"a code has 3 to {LONGEST} letters (A to Z) and digits; spaces, hyphens and dots do not count"
        raise ValueError(message)
    return code


def compared(text: str) -> str:
    """Return a code as carts keep it; a text that is no code stays as it is, and is like none."""
    try:
        return normalized(text)
    except ValueError:
        return text


def drawn(prefix: str) -> str:
    """Return a code that nobody guesses, as it is printed: the prefix and groups of four."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
    groups = [letters[start : start + GROUP] for start in range(0, DRAWN, GROUP)]
    return "-".join([*([prefix] if prefix else []), *groups])


def _is_code(text: str) -> str:
    normalized(text)
    return text.strip()


CodeText = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_is_code)]
"""A code as somebody typed it."""

Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{0,20}$")]
"""What all codes of a batch begin with."""


class CartCode(Output):
    """A code as a cart keeps it.

    :ivar promotion_id: the code's promotion when it was put into the cart, so that its limits are read with the goods.
    """

    code: str
    promotion_id: str
