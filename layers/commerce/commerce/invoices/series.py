"""Series of numbers: how a pattern such as `INV-{year}-{number:06}` names a series and numbers what is in it.

A prefix never ends in a digit, so that a number tells its series and its place in it by itself.
"""

import re
from typing import NamedTuple, Self

WORDS = re.compile(r"(?P<prefix>(?:[A-Za-z0-9._-]|\{year\})*)\{number(?::0(?P<width>[1-9]))?\}")
NUMBER = re.compile(r"(?P<series>.*[^0-9])(?P<position>[0-9]{1,15})")
LONGEST_SERIES = 30
YEAR = "{year}"


class Pattern(NamedTuple):
    """How the numbers of a series look.

    :param prefix: what stands before the number; `{year}` in it starts a new series each year.
    :param width: digits that a number has at least.
    """

    prefix: str
    width: int

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Read a pattern.

        :raises ValueError: when it is none.
        """
        found = WORDS.fullmatch(text)
        if found is None:
            message = "this must be letters, digits, . _ - and {year}, and end in {number} or {number:06}"
            raise ValueError(message)
        prefix = found["prefix"]
        if prefix.count(YEAR) > 1 or len(prefix) > LONGEST_SERIES:
            message = f"the part before the number names the year once at most, and has {LONGEST_SERIES} characters"
            raise ValueError(message)
        if not prefix or prefix.endswith(YEAR) or prefix[-1].isdigit():
            message = "a letter or one of . _ - must stand before the number, or the two could not be told apart"
            raise ValueError(message)
        return cls(prefix=prefix, width=int(found["width"] or 1))

    def series(self, year: int) -> str:
        """Return the name of the series of a year: what all its numbers begin with."""
        return self.prefix.replace(YEAR, f"{year:04d}")

    def number(self, year: int, position: int) -> str:
        """Return the number of the document at this place of the year's series; the first place is 1."""
        return f"{self.series(year)}{position:0{self.width}d}"


def place_of(number: str) -> tuple[str, int] | None:
    """Return the series and the place that a number tells; None when it is not a number of any series."""
    found = NUMBER.fullmatch(number)
    return (found["series"], int(found["position"])) if found else None
