"""Questions about carts. Each read prices the cart anew."""

from dataclasses import replace
from typing import Any

from commerce.carts import gift_cards
from commerce.carts.errors import CartNotFound
from commerce.carts.model import Cart
from commerce.carts.priced import PricedCart, Terms
from commerce.carts.records import cart_read
from commerce.carts.schemas import CartView
from commerce.carts.views import view_of
from commerce.catalog import variants as catalog
from commerce.giftcards import tenders as giftcards
from commerce.inventory import queries as inventory
from commerce.kernel.call import Call
from commerce.kernel.reads import Answers, Read, fetch
from commerce.prices import queries as prices
from commerce.promotions import queries as promotions
from commerce.shipping import queries as shipping
from commerce.taxes import queries as taxes


def priced_cart(*, cart_id: str, call: Call) -> PricedCart:
    """Return a cart at today's prices, in two reads of DynamoDB (one for an empty cart).

    :raises CartNotFound: when there is none, or when it has expired.
    """
    cart, terms = stored_cart(cart_id=cart_id, call=call)
    return priced(cart=cart, terms=terms, call=call)


def cart_view(*, cart_id: str, call: Call) -> CartView:
    """Return a cart as its shopper reads it.

    :raises CartNotFound: when there is none, or when it has expired.
    """
    return view_of(priced_cart(cart_id=cart_id, call=call))


def stored_cart(*, cart_id: str, call: Call) -> tuple[Cart, Terms]:
    """Return a cart and the shop's terms, which are read along with it.

    They come here and not with the goods, because 50 lines already fill the hundred keys of that read.

    :raises CartNotFound: when there is no such cart, or when it has expired.
    """
    kept = taxes.calculation_reads(cart_id=cart_id)
    answers = fetch([cart_read(cart_id), *shop_reads(), *kept])
    record = answers.get(cart_read(cart_id))
    if record is None or (cart := record.cart()).is_over(now=call.now):
        raise CartNotFound
    if cart.tax_id is not None:
        cart = cart.model_copy(update={"tax_id": taxes.still_known(cart.tax_id, now=call.now)})
    found = terms(answers=answers)
    return cart, replace(found, calculation=taxes.calculation(cart_id=cart_id, answers=answers)) if kept else found


def shop_reads() -> list[Read[Any]]:
    """Return the reads that `terms` needs: one row of the whole shop per domain."""
    return [
        *shipping.rules_reads(),
        *taxes.shop_reads(),
        *prices.shop_reads(),
        *promotions.shop_reads(),
        *inventory.shop_reads(),
    ]


def terms(*, answers: Answers) -> Terms:
    """Return what holds for every cart of the shop."""
    return Terms(
        shipping=shipping.rules(answers=answers),
        tax_rules=taxes.rules(answers=answers),
        prices=prices.shop_prices(answers=answers),
        promotions=promotions.promotions(answers=answers),
        locations=inventory.locations(answers=answers),
    )


def priced(*, cart: Cart, terms: Terms, call: Call) -> PricedCart:
    """Return this state of a cart at today's prices; one read of DynamoDB unless the cart is empty.

    One read more when it holds a hot SKU, whose further shards are known by the first.
    One read more when 50 lines with gift cards, codes or gifts are more than the hundred keys of one.
    One read more when its carrier's offer has lapsed: the problem that says so names those that were made since.
    """
    rules, codes = terms.promotions, cart.codes
    skus = (*cart.skus, *promotions.gift_skus(promotions=rules, codes=codes)) if cart.lines else ()
    limits = (
        promotions.code_reads(promotions=rules, codes=codes, customer_email=cart.email) if cart.lines or codes else []
    )
    places = terms.locations.selling(cart.channel)
    answers = fetch(
        [
            *catalog.variant_reads(skus=skus),
            *inventory.level_reads(skus=skus, places=places),
            *limits,
            *giftcards.card_reads(ids=cart.gift_cards),
        ]
    )
    shards = inventory.shard_reads(answers=answers, skus=skus, places=places)
    found = PricedCart(
        cart=cart,
        variants=catalog.variants(answers=answers, skus=skus),
        levels=inventory.levels(
            answers=answers,
            skus=skus,
            places=places,
            channel=cart.channel,
            shards=fetch(shards) if shards else None,
        ),
        known=promotions.known_codes(answers=answers, promotions=rules, codes=codes, customer_email=cart.email),
        terms=terms,
        now=call.now,
        tenders=gift_cards.tenders_of(cart, answers=answers, now=call.now),
    )
    return with_known_offers(found) if found.choice_is_gone and found.carrier_questions else found


def with_known_offers(cart: PricedCart) -> PricedCart:
    """Return a cart with the offers that carriers made for it and that still hold; nobody is asked."""
    from commerce.shipping import quoting  # noqa: PLC0415 - only for shops that ask carriers.

    return replace(cart, offers=quoting.known_offers(asked=cart.carrier_questions, now=cart.now))
