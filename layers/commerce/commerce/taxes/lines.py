"""What is taxed, who buys it, and what came of it: plain values, in whole minor units of one currency."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

STANDARD = "standard"
"""The class of goods that have no other, and whose rate holds where a class has none of its own."""

Reason = Literal[
    "rate",
    "below_threshold",
    "reverse_charge",
    "exempt",
    "export",
    "not_registered",
    "no_rate",
    "unknown_destination",
]
"""Why a line bears the tax that it does.

`rate`: the rates of where it goes. `below_threshold`: those of the shop's own country, as the EU wants it of those who
sell little across borders. `no_rate`: the shop is registered there and has entered no rate. `unknown_destination`: an
estimate, or nothing, until there is an address.
"""


class Buyer(NamedTuple):
    """What matters of whoever buys.

    :param tax_id: a number in its normal form, `DE136695976`; None: a consumer.
    :param tax_id_valid: whether its form and check digits are right, and its register does not say otherwise.
    :param checked_online: whether its register was asked.
    """

    customer_id: str | None = None
    tax_id: str | None = None
    tax_id_valid: bool = False
    checked_online: bool = False


CONSUMER = Buyer()


class Taxable(NamedTuple):
    """What is sold, after its discounts.

    :param key: the SKU; `shipping` or the name of a surcharge for what is no goods.
    :param amount: its price, zero or more, which contains tax where prices do.
    :param is_shipping: whether the rules for shipping decide its class.
    :param priced_for: the country that the price was set for, if it was for one alone.
    """

    key: str
    amount: int
    tax_class: str = STANDARD
    is_shipping: bool = False
    priced_for: str | None = None


class RatePart(NamedTuple):
    """The part of a line's tax that one rate makes.

    :param net: the part of the line's net that it is taken of; None: all of it.
    """

    name: str
    rate: str
    tax: int
    net: int | None = None


class TaxLine(NamedTuple):
    """The tax of one line. `net + tax = gross`, and the parts add up to the tax.

    :param amount: the price that was given.
    :param charged: what the line counts for in the total before tax is added: the gross where prices include tax, else
        the net. Where it differs from the amount, the price was restated for the destination.
    :param country: whose tax it is; empty: nobody's.
    :param rule: the ids of the rates, joined by `+`, or what decided that there are none.
    """

    key: str
    amount: int
    charged: int
    net: int
    tax: int
    gross: int
    parts: tuple[RatePart, ...]
    country: str
    rule: str
    reason: Reason

    @property
    def restated(self) -> int:
        """Return by how much the price was changed for the destination."""
        return self.charged - self.amount


class Taxed(NamedTuple):
    """The taxes of all lines.

    :param lines: by SKU.
    :param shipping: shipping and surcharges, by their keys.
    :param prices_include_tax: whether `charged` contains tax at the destination.
    """

    lines: Mapping[str, TaxLine]
    shipping: Mapping[str, TaxLine]
    prices_include_tax: bool

    @property
    def every(self) -> tuple[TaxLine, ...]:
        """Return all lines, goods first, by key."""
        return (*self.lines.values(), *self.shipping.values())

    @property
    def restated(self) -> bool:
        """Tell whether any price was changed for the destination."""
        return any(line.restated for line in self.every)

    @property
    def net(self) -> int:
        """Return what all lines cost without tax."""
        return sum(line.net for line in self.every)

    @property
    def tax(self) -> int:
        """Return the tax of all lines."""
        return sum(line.tax for line in self.every)

    @property
    def gross(self) -> int:
        """Return what all lines cost with tax."""
        return sum(line.gross for line in self.every)
