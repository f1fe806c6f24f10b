"""Numbers under which businesses are registered for value added tax: their form, their check digits, whose they are.

python-stdnum knows the rules of each country (https://arthurdejong.org/python-stdnum/). Nobody is asked here.
"""

import re
from typing import Literal, NamedTuple

from commerce.taxes.territories import MEMBERS

Problem = Literal["unknown_country", "format", "checksum"]

LONGEST = 40
SEPARATORS = re.compile(r"[\s.,/_-]+")
NUMBER = re.compile(r"[A-Z0-9]{3,40}")
SWISS_ENDING = re.compile(r"(MWST|TVA|IVA|TPV)$")

ASKED_AT_VIES = MEMBERS | {"XI"}
"""Whose numbers the EU's register knows; Greece's begin with EL."""


class TaxId(NamedTuple):
    """A number in its normal form: capitals and digits, its country's letters first.

    :param country: who gave it out: ISO 3166-1, or XI for Northern Ireland; empty when nobody does whom we know.
    :param problem: what is wrong with it; None: nothing.
    """

    value: str
    country: str
    problem: Problem | None = None

    @property
    def is_asked_at_vies(self) -> bool:
        """Tell whether the EU's register can say more."""
        return self.problem is None and self.country in ASKED_AT_VIES

    @property
    def prefix(self) -> str:
        """Return the letters before the number, as VIES names the country."""
        return self.value[:2]

    @property
    def number(self) -> str:
        """Return the number behind these letters."""
        return self.value[2:]


def read(text: str) -> TaxId:
    """Read a number as people write it: `de 136.695.976`, `CHE-107.787.577 MWST`.

    The EU's, the United Kingdom's, Switzerland's and Norway's are checked; they begin with their country's letters.
    """
    plain = SEPARATORS.sub("", text.upper())
    if not NUMBER.fullmatch(plain):
        return TaxId(plain[:LONGEST], country="", problem="format")
    country = "GR" if plain.startswith("EL") else plain[:2]
    if country == "GR":
        plain = f"EL{plain[2:]}"
    if country not in ASKED_AT_VIES | {"GB", "CH", "NO"}:
        return TaxId(plain, country="", problem="unknown_country")
    return _checked(plain, country)


def _checked(plain: str, country: str) -> TaxId:
    # Each country's rules are a module of their own; together they take 50 ms of CPU to load.
    from stdnum.exceptions import InvalidChecksum, ValidationError  # noqa: PLC0415

    try:
        return TaxId(_normal(plain, country), country)
    except InvalidChecksum:
        return TaxId(plain, country, problem="checksum")
    except ValidationError:
        return TaxId(plain, country, problem="format")


def _normal(plain: str, country: str) -> str:
    match country:
        case "GB":
            from stdnum.gb import vat as british  # noqa: PLC0415

            return f"GB{british.validate(plain)}"
        case "CH":
            from stdnum.ch import uid  # noqa: PLC0415

            return uid.validate(SWISS_ENDING.sub("", plain))
        case "NO":
            from stdnum.no import mva  # noqa: PLC0415

            return f"NO{mva.validate(plain)}"
    from stdnum.eu import vat  # noqa: PLC0415

    return vat.validate(plain)
