"""The lists and rules of a shop over time. What shoppers saw of them is computed in `history`."""

from collections.abc import Sequence
from typing import NamedTuple

from commerce.prices.model import PastList, PriceList
from commerce.prices.rules import PastRule, PriceRule


class Past(NamedTuple):
    """The lists and rules of the shop, as they are and as they were."""

    lists: Sequence[PriceList] = ()
    past_lists: Sequence[PastList] = ()
    rules: Sequence[PriceRule] = ()
    past_rules: Sequence[PastRule] = ()
