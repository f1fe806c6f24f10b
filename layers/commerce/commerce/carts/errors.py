"""What carts refuse, and what to do then."""

from commerce.kernel.errors import Conflict, Fault, Invalid, NotFound
from commerce.shipping.options import ShippingOption

MOST_LINES = 50
"""Lines of one cart; the transaction of a checkout has room for so many."""


class CartNotFound(NotFound):
    code = "carts.not_found"
    title = "There is no such cart, or it has expired; start a new one with POST /v1/carts"


class CartLocked(Conflict):
    """A checkout of this cart is open.

    :ivar order_id: the order that holds the cart.
    """

    code = "carts.locked"
    title = "The cart is being paid for; go back to it with DELETE /v1/carts/{cart_id}/checkout, or pay"

    def __init__(self, *, order_id: str) -> None:
        super().__init__(extra={"order_id": order_id})
        self.order_id = order_id


class CartOrdered(Conflict):
    """The cart became an order.

    :ivar order_id: that order.
    """

    code = "carts.ordered"
    title = "The cart was ordered and changes no more; start a new one with POST /v1/carts"

    def __init__(self, *, order_id: str) -> None:
        super().__init__(extra={"order_id": order_id})
        self.order_id = order_id


class CartChanged(Conflict):
    code = "carts.changed"
    title = "The cart was changed while it was being ordered; nothing happened, read the cart and order again"
    retryable = True


class CartNotHeld(Conflict):
    """A cart was to be given back or finished for an order that does not hold it (any more)."""

    code = "carts.not_held"
    title = "This order does not hold the cart"


class UnknownSku(NotFound):
    code = "carts.unknown_sku"
    title = "There is no such article in the shop"

    @classmethod
    def of(cls, sku: str) -> "UnknownSku":
        """Return the refusal of this SKU."""
        message = f"The shop does not sell '{sku}'."
        return cls(message, errors=(Fault(param="sku", code=cls.code, message=message),))


class NotSoldInCurrency(Invalid):
    code = "carts.not_sold_in_currency"
    title = "The article has no price in the cart's currency"

    @classmethod
    def of(cls, sku: str, *, currency: str, sold_in: list[str]) -> "NotSoldInCurrency":
        """Return the refusal of this SKU; it says in which currencies it is sold."""
        message = (
            f"'{sku}' has no price in {currency}; it is sold in {', '.join(sorted(sold_in)) or 'no currency yet'}."
        )
        return cls(message, errors=(Fault(param="sku", code=cls.code, message=message),))


class LineNotFound(NotFound):
    code = "carts.line_not_found"
    title = "The cart has no such line"


class CodeNotFound(NotFound):
    code = "carts.code_not_found"
    title = "The cart has no such code"


class TooManyLines(Conflict):
    code = "carts.too_many_lines"
    title = f"A cart has {MOST_LINES} lines at most; remove one, or order in two carts"


class TooManyGiftCards(Conflict):
    code = "carts.too_many_gift_cards"
    title = "Five gift cards and one store credit pay for one order at most; remove one"


class GiftCardNotInCart(NotFound):
    code = "carts.gift_card_not_found"
    title = "The cart has no such gift card"


class GiftCardExpired(Invalid):
    code = "carts.gift_card_expired"
    title = "This gift card has expired"


class GiftCardDisabled(Invalid):
    code = "carts.gift_card_disabled"
    title = "The shop has disabled this gift card; ask there"


class GiftCardWrongCurrency(Invalid):
    code = "carts.gift_card_wrong_currency"
    title = "This gift card is in another currency than the cart"


class GiftCardNotYours(Invalid):
    code = "carts.gift_card_not_yours"
    title = "This store credit belongs to an e-mail address that is not the cart's; give the cart that address first"


class GiftCardEmpty(Invalid):
    code = "carts.gift_card_empty"
    title = "Nothing is left on this gift card"


class ShippingMethodUnavailable(Invalid):
    code = "carts.shipping_method_unavailable"
    title = "This shipping method is not on offer for the cart"

    @classmethod
    def of(cls, method_id: str, *, instead: tuple[ShippingOption, ...]) -> "ShippingMethodUnavailable":
        """Return the refusal of this method; it says which there are."""
        offered = ", ".join(f"'{option.id}'" for option in instead) or "none"
        message = f"'{method_id}' is not on offer for this cart; on offer: {offered}."
        return cls(
            message,
            errors=(Fault(param="shipping_method", code=cls.code, message=message),),
            extra={"shipping_methods": [option.model_dump(mode="json") for option in instead]},
        )
