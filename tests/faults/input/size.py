"""How much is tried: a slice with every run of the tests, everything with `PROOF=full`."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How many requests are made to each operation.

    :param boundaries: the share of the requests that try each bound of the document.
    :param drawn: how many are drawn at random, of those that are valid and of those that are not.
    :param spoiled: how many spoiled requests of each kind, in turn with the other operations.
    :param written: the same over sockets, to one in `apart` operations.
    :param renewals: how often an example that was used up is made anew.
    """

    boundaries: float
    drawn: int
    spoiled: int
    written: int
    apart: int
    renewals: int


FULL = os.environ.get("PROOF") == "full"
SIZE = (
    Size(boundaries=1.0, drawn=60, spoiled=80, written=8, apart=1, renewals=6)
    if FULL
    else Size(boundaries=0.2, drawn=4, spoiled=8, written=1, apart=4, renewals=1)
)
