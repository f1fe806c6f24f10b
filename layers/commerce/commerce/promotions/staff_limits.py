"""How a changed limit reaches its parts: each gets some more, or gives back some of what is left in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.kernel.transactions import Write, create, update
from commerce.promotions import staff_queries as queries
from commerce.promotions.errors import LimitBelowUses
from commerce.promotions.limits import NUMBERS, spread
from commerce.promotions.model import PromotionLimits
from commerce.promotions.records import LimitRecord, budget_given, budget_left, limit_row

Changes = defaultdict[int, tuple[list[Action], list[Condition]]]
"""What is done to each part, and on which conditions."""


def limits_changed(*, promotion_id: str, limits: PromotionLimits) -> list[Write]:
    """Return the writes that make the parts of a promotion's limits sum up to them.

    Parts are changed by what is more or less, so that checkouts may use them at the same moment. A limit that is gone
    leaves its parts as they are: what was used is used when it comes back.

    :raises LimitBelowUses: when a limit would be less than what was used.
    """
    if not limits.are_shared:
        return []
    parts = queries.limit_records(promotion_id=promotion_id)
    if not parts:
        return [create(row) for row in _first_parts(promotion_id, limits)]
    changes: Changes = defaultdict(lambda: ([], []))
    if limits.uses is not None:
        _change_uses(limits.uses, parts, changes)
    for amount in limits.budget:
        _change_budget(amount.amount, amount.currency, parts, changes)
    return [
        update(limit_row(promotion_id, number), *actions, condition=reduce(and_, conditions) if conditions else None)
        for number, (actions, conditions) in changes.items()
    ]


def _first_parts(promotion_id: str, limits: PromotionLimits) -> list[LimitRecord]:
    nothing = dict.fromkeys(NUMBERS, 0)
    uses = spread(limits.uses or 0, nothing) or nothing
    budgets = {each.currency: spread(each.amount, nothing) or nothing for each in limits.budget}
    rows = []
    for number in NUMBERS:
        row = limit_row(promotion_id, number)
        row.uses_given = row.uses_left = uses[number]
        row.budget_given = row.budget_left = {currency: parts[number] for currency, parts in budgets.items()}
        rows.append(row)
    return rows


def _change_uses(limit: int, parts: Sequence[LimitRecord], changes: Changes) -> None:
    given = sum(int(part.uses_given) for part in parts)
    for number, change in _spread(limit - given, {part.number: int(part.uses_left) for part in parts}).items():
        actions, conditions = changes[number]
        actions += [LimitRecord.uses_given.add(change), LimitRecord.uses_left.add(change)]
        if change < 0:
            conditions.append(LimitRecord.uses_left >= -change)


def _change_budget(limit: int, currency: str, parts: Sequence[LimitRecord], changes: Changes) -> None:
    given = sum(part.budget_given.get(currency, 0) for part in parts)
    left = {part.number: part.budget_left.get(currency, 0) for part in parts}
    is_new = not any(currency in part.budget_left for part in parts)
    for number, change in _spread(limit - given, left, also_nothing=is_new).items():
        actions, conditions = changes[number]
        for place in (budget_given(currency), budget_left(currency)):
            actions.append(place.set(change if is_new else place + change))
        if change < 0:
            conditions.append(budget_left(currency) >= -change)


def _spread(change: int, left: Mapping[int, int], *, also_nothing: bool = False) -> Mapping[int, int]:
    parts = spread(change, left)
    if parts is None:
        raise LimitBelowUses
    return {number: part for number, part in parts.items() if part or also_nothing}
