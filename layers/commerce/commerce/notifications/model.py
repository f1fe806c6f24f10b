"""What a mail needs to know, and the mail itself."""

from dataclasses import dataclass, field
from urllib.parse import quote

from commerce.customers.model import PostalAddress
from commerce.kernel.money import Money
from commerce.pricing.model import Totals


@dataclass(frozen=True, slots=True)
class MailLine:
    """One line of an order, as a mail shows it."""

    title: str
    quantity: int
    total: Money


@dataclass(frozen=True, slots=True)
class OrderMail:
    """An order, as a mail shows it. It is personal data: it is rendered and sent, and neither logged nor stored."""

    order_id: str
    number: str
    email: str = field(repr=False)
    lines: tuple[MailLine, ...]
    totals: Totals
    shipping_title: str | None
    shipping_address: PostalAddress | None = field(repr=False)
    order_token: str = field(repr=False)

    @property
    def address_lines(self) -> tuple[str, ...]:
        """Return the shipping address as it stands on a parcel."""
        address = self.shipping_address
        if address is None:
            return ()
        town = " ".join(part for part in (address.postal_code, address.city) if part)
        parts = (address.name, address.line1, address.line2, town, address.region, address.country)
        return tuple(part for part in parts if part)

    def link(self, shop_url: str) -> str | None:
        """Return the order's address in the shop, or None without a shop's address.

        The token stands in the fragment, which browsers keep to themselves: no server log and no referrer shows it.
        """
        if not shop_url:
            return None
        return f"{shop_url.rstrip('/')}/orders/{quote(self.order_id, safe='')}#token={quote(self.order_token, safe='')}"


@dataclass(frozen=True, slots=True)
class GiftCardMail:
    """A gift card or store credit, as a mail shows it. The code is as good as money: neither logged nor stored."""

    email: str = field(repr=False)
    is_credit: bool
    code: str = field(repr=False)
    amount: Money
    expires: str | None
    order_number: str | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, ready to be sent."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alert:
    """A message to the merchant."""

    subject: str
    text: str
