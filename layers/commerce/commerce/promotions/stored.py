"""Promotions as they are stored. Whoever imports this has their conditions and actions too."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from commerce.kernel.log import logger
from commerce.promotions.goods import STORED
from commerce.promotions.model import Promotion, in_order


def active(documents: Iterable[Mapping[str, Any]]) -> tuple[Promotion, ...]:
    """Return all active promotions, by priority and id.

    One that this code cannot read is passed over: newer code put it, and carts must stay readable until all
    functions are as new.
    """
    return in_order(filter(None, map(_readable, documents)))


def promotion_document(promotion: Promotion) -> dict[str, Any]:
    """Return a promotion as it is stored: without what it leaves at its default."""
    document = promotion.model_dump(mode="json", exclude_defaults=True)
    return {"id": promotion.id, **document}


def promotion_of(document: Mapping[str, Any]) -> Promotion:
    """Return the promotion of a stored document. It was checked when it was sent."""
    return Promotion.model_validate(document, context=STORED)


def _readable(document: Mapping[str, Any]) -> Promotion | None:
    try:
        return promotion_of(document)
    except ValidationError:
        logger.error("a promotion is of a newer kind, and does not apply", promotion_id=document.get("id"))
        return None
