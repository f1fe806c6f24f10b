"""A gift card is put into a cart by its code, which takes more than all other changes of a cart do."""

from commerce.carts import operations
from commerce.carts.schemas import AddGiftCard, CartView
from commerce.giftcards import queries as giftcards
from commerce.kernel.call import Call


def add_gift_card(*, cart_id: str, new: AddGiftCard, call: Call) -> CartView:
    """Let a gift card or store credit pay for a cart. The cart keeps its id and forgets the code.

    Adding it twice changes nothing. Each call counts against the caller's network.

    :raises TooManyLookups: when the network asked too often, whatever is asked now.
    :raises GiftCardNotFound: when there is no card of this code.
    :raises CommerceError: one of `gift_cards.REFUSALS`, when it cannot pay for this cart.
    :raises TooManyGiftCards: when the cart has no room for it.
    :raises CartNotFound: when there is no such cart.
    :raises CartLocked, CartOrdered: when the cart cannot be changed.
    """
    card = giftcards.card_of(code=new.code, call=call)
    return operations.with_gift_card(cart_id=cart_id, card_id=card.id, call=call)
