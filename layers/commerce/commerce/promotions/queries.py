"""Questions that carts ask: one row of the whole shop, then the rows of codes, limits and customers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from commerce.kernel.reads import Answers, Read
from commerce.promotions.codes import CartCode, normalized
from commerce.promotions.customers import customer_keys
from commerce.promotions.errors import CodeUnknown
from commerce.promotions.known import KnownCode, KnownLimits
from commerce.promotions.records import active_read, code_read, customer_reads, limit_reads, orders_reads

if TYPE_CHECKING:
    from commerce.promotions.model import Promotion


class Known(NamedTuple):
    """What is known of a cart's codes, of the limits that concern it, and of its customer.

    :ivar orders_before: orders of the customer that are known here; None while nobody knows who it is, or asks.
    """

    codes: tuple[KnownCode, ...] = ()
    limits: Mapping[str, KnownLimits] = MappingProxyType({})
    orders_before: int | None = None


def shop_reads() -> list[Read[Any]]:
    """Return the reads that `promotions` needs: one, of a row that the whole shop shares."""
    return [active_read()]


def promotions(*, answers: Answers) -> "tuple[Promotion, ...]":
    """Return all active promotions of the shop, those by code too, by priority and id."""
    record = answers.get(active_read())
    if record is None or not record.promotions:
        return ()
    # All kinds of conditions and actions, which only a shop that has promotions needs.
    from commerce.promotions import stored  # noqa: PLC0415

    return stored.active(record.promotions)


def typed_code_reads(*, text: str) -> list[Read[Any]]:
    """Return the reads that `typed_code` needs: one, or none where the text is no code."""
    code = _normalized(text)
    return [code_read(code)] if code else []


def typed_code(*, text: str, answers: Answers) -> CartCode:
    """Return the code that a shopper typed, as the cart keeps it.

    :raises CodeUnknown: when there is none.
    """
    code = _normalized(text)
    record = answers.get(code_read(code)) if code else None
    if code is None or record is None:
        raise CodeUnknown.of(text)
    return CartCode(code=code, promotion_id=record.promotion_id)


def gift_skus(*, promotions: "Sequence[Promotion]", codes: Sequence[CartCode]) -> tuple[str, ...]:
    """Return the SKUs that may be given with a cart, whose price and stock are read with its goods.

    At most 10 of automatic promotions, and 5 for each code.
    """
    return tuple(sorted({sku for promotion in _concerned(promotions, codes) for sku in promotion.gift_skus}))


def code_reads(
    *, promotions: "Sequence[Promotion]", codes: Sequence[CartCode], customer_email: str | None
) -> list[Read[Any]]:
    """Return the reads that `known_codes` needs.

    At most 5 codes, 4 rows of each promotion with a shared limit (5 by code, 4 automatic), and for each signing key in
    force one row per promotion that limits customers and one more.
    """
    reads: list[Read[Any]] = [code_read(each.code) for each in codes]
    for promotion in _concerned(promotions, codes):
        if promotion.limits.are_shared:
            reads += limit_reads(promotion.id)
        if promotion.limits.uses_per_customer is not None:
            reads += customer_reads(_keys(customer_email), promotion.id)
    if _asks_for_first_order(promotions, codes):
        reads += orders_reads(_keys(customer_email))
    return reads


def known_codes(
    *, answers: Answers, promotions: "Sequence[Promotion]", codes: Sequence[CartCode], customer_email: str | None
) -> Known:
    """Return what `code_reads` found."""
    return Known(
        codes=tuple(_known(each, answers) for each in codes),
        limits={
            promotion.id: _limits(promotion, answers, customer_email)
            for promotion in _concerned(promotions, codes)
            if promotion.limits.are_set
        },
        orders_before=_orders_before(answers, customer_email) if _asks_for_first_order(promotions, codes) else None,
    )


def _normalized(text: str) -> str | None:
    try:
        return normalized(text)
    except ValueError:
        return None


def _concerned(promotions: "Iterable[Promotion]", codes: Sequence[CartCode]) -> "Iterator[Promotion]":
    named = {code.promotion_id for code in codes}
    return (promotion for promotion in promotions if promotion.trigger == "automatic" or promotion.id in named)


def _asks_for_first_order(promotions: "Iterable[Promotion]", codes: Sequence[CartCode]) -> bool:
    return any(promotion.is_first_order_only for promotion in _concerned(promotions, codes))


def _keys(email: str | None) -> tuple[str, ...]:
    return customer_keys(email) if email else ()


def _known(code: CartCode, answers: Answers) -> KnownCode:
    record = answers.get(code_read(code.code))
    if record is None or record.promotion_id != code.promotion_id:
        return KnownCode(code=code.code)
    return record.known()


def _limits(promotion: "Promotion", answers: Answers, email: str | None) -> KnownLimits:
    shards = [answers.get(read) for read in limit_reads(promotion.id)] if promotion.limits.are_shared else []
    is_limited = promotion.limits.uses_per_customer is not None
    rows = [answers.get(read) for read in customer_reads(_keys(email), promotion.id)] if is_limited else []
    uses = [int(row.uses) if row else 0 for row in rows]
    return KnownLimits(
        shards=tuple(record.shard() for record in shards if record),
        customer_uses=sum(uses),
        older_uses=sum(uses[1:]),
    )


def _orders_before(answers: Answers, email: str | None) -> int | None:
    if not email:
        return None
    rows = [answers.get(read) for read in orders_reads(_keys(email))]
    return sum(int(row.orders) for row in rows if row)
