"""What is sent: the goods of a cart, what they weigh and how large they are."""

from collections.abc import Iterable
from typing import NamedTuple

from commerce.catalog.model import Variant


class Item(NamedTuple):
    """Goods of one kind that are sent.

    :param weight_grams: of one piece; None where nobody said, which counts as nothing.
    :param sides_mm: of one piece as it is packed, the longest first; None where nobody said.
    """

    quantity: int
    weight_grams: int | None = None
    sides_mm: tuple[int, int, int] | None = None
    shelves: tuple[str, ...] = ()
    tax_class: str = ""

    @property
    def length_mm(self) -> int | None:
        """Return the longest side."""
        return self.sides_mm and self.sides_mm[0]

    @property
    def girth_mm(self) -> int | None:
        """Return the longest side and twice the other two, as carriers measure large parcels."""
        return self.sides_mm and self.sides_mm[0] + 2 * (self.sides_mm[1] + self.sides_mm[2])


class Parcel(NamedTuple):
    """All goods of a cart that are sent.

    :param amount: what all goods of the cart cost after discounts, also those that are not sent, in minor units.
    """

    items: tuple[Item, ...]
    amount: int

    @property
    def quantity(self) -> int:
        """Return the number of pieces."""
        return sum(item.quantity for item in self.items)

    @property
    def weight_grams(self) -> int:
        """Return what the goods weigh, without packaging."""
        return sum((item.weight_grams or 0) * item.quantity for item in self.items)

    @property
    def volume_mm3(self) -> int:
        """Return the space that the goods take, as far as it is known."""
        return sum(a * b * c * item.quantity for item in self.items for a, b, c in [item.sides_mm or (0, 0, 0)])

    @property
    def stacked_mm(self) -> tuple[int, int, int] | None:
        """Return the sides of a box that holds all goods one upon another; None when the size of some is not known."""
        sides = [item.sides_mm for item in self.items if item.sides_mm is not None]
        if not sides or len(sides) < len(self.items):
            return None
        height = sum(item.sides_mm[2] * item.quantity for item in self.items if item.sides_mm is not None)
        longest, middle, shortest = sorted((max(a for a, _, _ in sides), max(b for _, b, _ in sides), height))[::-1]
        return longest, middle, shortest


def parcel_of(*, lines: Iterable[tuple[Variant, int]], amount: int) -> Parcel:
    """Pack variants and their quantities; what needs no shipping stays out.

    :param amount: what all goods cost after discounts, in minor units.
    """
    return Parcel(
        items=tuple(_item(variant, quantity) for variant, quantity in lines if variant.requires_shipping),
        amount=amount,
    )


def _item(variant: Variant, quantity: int) -> Item:
    return Item(
        quantity=quantity,
        weight_grams=variant.weight_grams,
        sides_mm=_sides(variant.length_mm, variant.width_mm, variant.height_mm),
        shelves=variant.shelves,
        tax_class=variant.tax_class,
    )


def _sides(length: int | None, width: int | None, height: int | None) -> tuple[int, int, int] | None:
    if length is None or width is None or height is None:
        return None
    longest, middle, shortest = sorted((length, width, height), reverse=True)
    return longest, middle, shortest
