"""Codes: what is printed on a gift card, and what is stored in its place.

A code has 16 letters of an alphabet without look-alikes (https://www.crockford.com/base32.html): the first names the
key that it was made with, 14 follow from that key and the card's seed (70 bits), and the last one checks the others
(Luhn mod N, https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm). What is stored is the card's id, a keyed hash of the
code: who has the table alone can neither use a card nor make its code, and who has the keys alone lacks the seeds.
"""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from commerce.kernel.signing import keyed_digest

if TYPE_CHECKING:
    from commerce.adapters.code_keys import CodeKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP, MADE = 16, 4, 14
BITS = 5
"""Of each letter."""

CODE_PURPOSE, ID_PURPOSE = "gift-card-code", "gift-card-id"
ID_BYTES = 16
SEPARATORS = str.maketrans("OIL", "011", " -")
"""How people write codes down: in groups, and with letters that look like digits."""


def made(*, seed: str, key: "CodeKey") -> str:
    """Return the code of a card: the same each time, and nothing that one could guess without the key."""
    number = int.from_bytes(keyed_digest(key.secret, CODE_PURPOSE, seed))
    letters = (ALPHABET[number >> place * BITS & len(ALPHABET) - 1] for place in range(MADE))
    code = "".join((ALPHABET[key.number], *letters))
    return code + _check_letter(code)


def shown(code: str) -> str:
    """Return a code as people read it, in groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def card_id(code: str, *, keys: "Sequence[CodeKey]") -> str:
    """Return the id of the card that a code opens, if there is one. It says nothing about the code.

    A code whose first letter names no key takes as long as any other, and its id is no card's.
    """
    number = ALPHABET.index(code[0])
    key = keys[number] if number < len(keys) else keys[0]
    digest = keyed_digest(key.secret, ID_PURPOSE, code)[:ID_BYTES]
    return f"gc_{base64.b32encode(digest).decode().rstrip('=').lower()}"


def is_well_typed(code: str) -> bool:
    """Tell whether the last letter fits the others: a code that fails was mistyped."""
    return _check_letter(code[:-1]) == code[-1]


def _check_letter(code: str) -> str:
    # It is needed where codes are made and typed in, and no cold start shall pay for it.
    from stdnum import luhn  # noqa: PLC0415

    letter: str = luhn.calc_check_digit(code, alphabet=ALPHABET)
    return letter


def _as_stored(text: str) -> str:
    code = text.upper().translate(SEPARATORS)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        message = f"a code has {LENGTH} letters and digits, and no U"
        raise ValueError(message)
    return code


Code = Annotated[str, Field(min_length=LENGTH, max_length=40, pattern=r"^[0-9A-Za-z -]+$"), AfterValidator(_as_stored)]
"""A code as somebody typed it: in any case, with spaces or hyphens, with the letter O for a zero."""
