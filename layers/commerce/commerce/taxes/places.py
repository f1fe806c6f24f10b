"""Places, as tax rules tell them apart: a country, a part of it, postal codes."""

import re
import unicodedata
from fractions import Fraction
from typing import Any, NamedTuple

NOT_IN_A_CODE = re.compile(r"[^A-Z0-9]")
LOOKS_LIKE_A_REGION = re.compile(r"[A-Z0-9]{1,3}")
SIGNS = 36
"""How many letters and digits there are."""


def plain_code(text: str | None) -> str:
    """Return a postal code as codes are compared: capitals and digits alone."""
    return NOT_IN_A_CODE.sub("", (text or "").upper())


class Place(NamedTuple):
    """Where goods go, or where the shop is. What is not known is empty.

    :param country: ISO 3166-1 alpha-2.
    :param region: the part behind the country in ISO 3166-2: `CA` of `US-CA`.
    :param postal_code: capitals and digits alone (`plain_code`). `TaxRules.place` makes places of what people write.
    """

    country: str
    region: str = ""
    postal_code: str = ""


def short_region(country: str, text: str | None) -> str:
    """Return what looks like a region's code, `CA` or `US-CA`, whether or not there is such a region; else nothing."""
    wanted = (text or "").strip().upper().removeprefix(f"{country}-")
    return wanted if LOOKS_LIKE_A_REGION.fullmatch(wanted) else ""


def region_by_name(country: str, text: str | None) -> str:
    """Return the code of the region that ISO 3166-2 calls so, or nothing. Accents and case do not matter."""
    # Its table of the world's regions takes 45 ms of CPU to load, which only a region's name should cost.
    import pycountry  # noqa: PLC0415

    wanted = _bare(text or "")
    regions: Any = pycountry.subdivisions
    found = regions.get(country_code=country) or () if wanted else ()
    return next((region.code.partition("-")[2] for region in found if _bare(region.name) == wanted), "")


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.strip()).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class PostalCodes(NamedTuple):
    """A run of postal codes, by how they begin. Both ends are equally long.

    A prefix is a run from itself to itself; `90000` to `90099` also holds `90001-1234`.
    """

    first: str
    last: str

    def holds(self, code: str) -> bool:
        """Tell whether a postal code (capitals and digits alone) lies in the run."""
        return len(code) >= len(self.first) and self.first <= code[: len(self.first)] <= self.last

    @property
    def share(self) -> Fraction:
        """Return which part of all codes there could be lies in the run: the smaller, the more exact it is."""
        span = int(self.last, SIGNS) - int(self.first, SIGNS) + 1
        return Fraction(span, SIGNS ** len(self.first))
