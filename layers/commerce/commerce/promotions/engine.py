"""What promotions take off a cart: pure, and the same whatever the order of promotions, lines and codes.

1. A promotion is tried when it is automatic, or when the cart has one of its codes that still works. Its dates, its
   currency, its limits and its conditions are looked at in this order, on the cart as it is before any promotion.
2. Where an exclusive promotion would take something off, the first of those (by priority, then id) applies alone.
3. Of those of one group the one that would save most on its own applies; then priority decides, then the id.
4. All that are left have their turns: their actions on lines, then those on the order, then those on shipping; within
   each by priority (the highest first), then id, then as the merchant listed them. Each works on what is left.
5. A promotion that would take more than is left of its budget does not apply at all; everything else is then done
   again without it.
"""

from collections.abc import Iterable, Mapping, Sequence

from commerce.kernel.money import Money
from commerce.promotions import checks, effects
from commerce.promotions.actions import GiftAction, Level, Tiered
from commerce.promotions.checks import Refused
from commerce.promotions.effects import Left, Saved
from commerce.promotions.goods import in_currency
from commerce.promotions.known import KnownCode
from commerce.promotions.model import Promotion, Stacking, in_order
from commerce.promotions.outcomes import Claim, Discount, Evaluation, Gift, Outcome
from commerce.promotions.situation import Situation


def evaluate(*, promotions: Sequence[Promotion], situation: Situation) -> Evaluation:
    """Return what these promotions take off a cart, and for each that was tried what came of it and why."""
    codes, refused_codes = _codes(promotions, situation)
    tried = tuple(
        promotion for promotion in in_order(promotions) if promotion.trigger == "automatic" or promotion.id in codes
    )
    refused = {promotion.id: why for promotion in tried if (why := checks.refusal(promotion, situation))}
    while True:
        outcomes = dict(refused)
        together = _combined([each for each in tried if each.id not in refused], situation, outcomes)
        saved = _taken_off(together, situation)
        over = next((each for each in together if _is_over_budget(each, saved[each.id], situation)), None)
        if over is None:
            break
        refused[over.id] = Refused("promotions.budget_used_up", "It would take off more than is left of its budget.")
    for each in together:
        if not saved[each.id].amount and not _gifts(each, situation):
            outcomes[each.id] = _why_nothing(each, situation)
    applied = [each for each in together if each.id not in outcomes]
    used = {each.id: codes.get(each.id) for each in tried}
    return Evaluation(
        currency=situation.currency,
        discounts=tuple(_discount(each, used[each.id], saved[each.id]) for each in applied if saved[each.id].amount),
        gifts=tuple(gift for each in applied for gift in _gifts(each, situation)),
        outcomes=(
            *(_outcome(each, used[each.id], outcomes.get(each.id), saved.get(each.id), situation) for each in tried),
            *refused_codes,
        ),
        claims=tuple(
            _claim(each, used[each.id], saved[each.id].amount, situation)
            for each in applied
            if each.limits.are_set or _is_limited(used[each.id])
        ),
        is_first_order=any(each.is_first_order_only for each in applied),
    )


def _codes(
    promotions: Iterable[Promotion], situation: Situation
) -> tuple[Mapping[str, KnownCode], tuple[Outcome, ...]]:
    """Return the code that each promotion is tried with, and what came of the others."""
    active = {promotion.id for promotion in promotions}
    working: dict[str, KnownCode] = {}
    others = []
    for known in sorted(situation.codes, key=lambda code: code.code):
        why = _refused_code(known, situation, active, working)
        if why is None and known.promotion_id is not None:
            working[known.promotion_id] = known
        elif why is not None:
            others.append(
                Outcome(known.promotion_id, known.code, applied=False, reason=why.reason, message=why.message)
            )
    return working, tuple(others)


def _refused_code(
    known: KnownCode, situation: Situation, active: set[str], working: Mapping[str, KnownCode]
) -> Refused | None:
    if known.promotion_id is None:
        return Refused("promotions.code_unknown", f"There is no code {known.code}.")
    if known.ends_at is not None and situation.now >= known.ends_at:
        return Refused("promotions.code_ended", f"The code {known.code} is over.")
    if known.uses_left is not None and known.uses_left < 1:
        return Refused("promotions.code_used", f"The code {known.code} was used as often as it can be.")
    if known.promotion_id not in active:
        return Refused("promotions.not_active", f"What the code {known.code} was for is not on now.")
    if known.promotion_id in working:
        other = working[known.promotion_id].code
        return Refused("promotions.already_applied", f"The code {known.code} does the same as {other}, and once only.")
    return None


def _combined(allowed: Sequence[Promotion], situation: Situation, outcomes: dict[str, Refused]) -> Sequence[Promotion]:
    """Return those that go together, in their order; note why the others do not."""
    exclusive = (each for each in allowed if each.stacking is Stacking.EXCLUSIVE)
    alone = next((each for each in exclusive if _does_something(each, situation)), None)
    if alone is not None:
        why = Refused("promotions.does_not_combine", f"It does not go together with '{alone.title}'.")
        outcomes |= {each.id: why for each in allowed if each is not alone}
        return [alone]
    best: dict[str, tuple[int, Promotion]] = {}
    for each in allowed:
        if each.group is not None:
            saving = _worth(each, situation)
            if each.group not in best or saving > best[each.group][0]:
                best[each.group] = (saving, each)
    for each in allowed:
        if each.group is not None and best[each.group][1] is not each:
            better = best[each.group][1]
            outcomes[each.id] = Refused("promotions.beaten_in_group", f"'{better.title}' saves as much or more.")
    return [each for each in allowed if each.id not in outcomes]


def _taken_off(together: Sequence[Promotion], situation: Situation) -> dict[str, Saved]:
    left = Left.of(situation)
    saved = {each.id: Saved() for each in together}
    for level in Level:
        for each in together:
            for action in each.actions:
                if action.level is level:
                    effects.take_off(action, situation=situation, left=left, saved=saved[each.id])
    return saved


def _is_over_budget(promotion: Promotion, saved: Saved, situation: Situation) -> bool:
    left = situation.limits_of(promotion.id).budget(situation.currency)
    return bool(promotion.limits.budget) and saved.amount > left


def _worth(promotion: Promotion, situation: Situation) -> int:
    """Return what a promotion saves on its own, with what its gifts would cost."""
    prices = situation.gift_prices or {}
    gifts = sum(prices.get(gift.sku, 0) * gift.quantity for gift in _gifts(promotion, situation))
    return _taken_off([promotion], situation)[promotion.id].amount + gifts


def _does_something(promotion: Promotion, situation: Situation) -> bool:
    return bool(_gifts(promotion, situation)) or _worth(promotion, situation) > 0


def _gifts(promotion: Promotion, situation: Situation) -> list[Gift]:
    return [
        Gift(promotion_id=promotion.id, sku=action.sku, quantity=action.quantity)
        for action in promotion.actions
        if isinstance(action, GiftAction) and effects.can_be_given(action, situation)
    ]


def _why_nothing(promotion: Promotion, situation: Situation) -> Refused:
    if _worth(promotion, situation):
        return Refused("promotions.nothing_left", "Others have taken off all that it could take off.")
    for action in promotion.actions:
        if isinstance(action, Tiered) and effects.reached(action, situation) is None:
            return Refused("promotions.tier_not_reached", "It begins with more goods than are in the cart.")
        if isinstance(action, GiftAction):
            return Refused("promotions.gift_unavailable", f"There is nothing left of its gift {action.sku}.")
    if all(action.level is Level.SHIPPING for action in promotion.actions):
        return Refused("promotions.no_shipping_to_pay", "There is no shipping to pay, or no method is chosen yet.")
    return Refused("promotions.nothing_to_reduce", "The cart has nothing that it could take anything off.")


def _discount(promotion: Promotion, code: KnownCode | None, saved: Saved) -> Discount:
    return Discount(
        promotion_id=promotion.id,
        title=promotion.title,
        code=code.code if code else None,
        by_sku=dict(sorted(saved.by_sku.items())),
        shipping=saved.shipping,
    )


def _outcome(
    promotion: Promotion, code: KnownCode | None, why: Refused | None, saved: Saved | None, situation: Situation
) -> Outcome:
    named = code.code if code else None
    if why is not None:
        return Outcome(
            promotion.id,
            named,
            applied=False,
            reason=why.reason,
            message=why.message,
            missing=why.missing,
            title=promotion.title,
        )
    amount = saved.amount if saved else 0
    parts = [f"{Money(amount=amount, currency=situation.currency)} off"] if amount else []
    parts += [f"{gift.quantity} x {gift.sku} as a gift" for gift in _gifts(promotion, situation)]
    message = f"{promotion.title}: {' and '.join(parts)}."
    return Outcome(
        promotion.id,
        named,
        applied=True,
        reason="promotions.applied",
        message=message,
        amount=amount,
        title=promotion.title,
    )


def _is_limited(code: KnownCode | None) -> bool:
    return code is not None and code.uses_at_most is not None


def _claim(promotion: Promotion, code: KnownCode | None, amount: int, situation: Situation) -> Claim:
    limits, known = promotion.limits, situation.limits_of(promotion.id)
    has_budget = in_currency(limits.budget, situation.currency) is not None
    per_customer = limits.uses_per_customer
    return Claim(
        promotion_id=promotion.id,
        code=code.code if code else None,
        uses=limits.uses is not None,
        amount=amount if has_budget else None,
        customer_most=None if per_customer is None else per_customer - known.older_uses,
        code_uses_at_most=code.uses_at_most if code else None,
        shards=known.shards,
    )
