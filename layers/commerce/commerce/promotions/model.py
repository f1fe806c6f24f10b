"""Promotions: what is taken off, for whom, when, how often, and how it goes together with others."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from commerce.kernel.schema import Handle, Input, Line
from commerce.promotions.actions import AnyAction, GiftAction
from commerce.promotions.bounds import MOST_ACTIONS, MOST_CONDITIONS, MOST_USES
from commerce.promotions.conditions import AnyCondition, FirstOrderCondition
from commerce.promotions.goods import Amounts, AnyList, Moment


class PromotionStatus(StrEnum):
    """draft: being written · active: in carts, within its dates · archived: over."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Stacking(StrEnum):
    """Whether a promotion goes together with others."""

    STACKS = "stacks"
    BEST_OF_GROUP = "best_of_group"
    EXCLUSIVE = "exclusive"


Uses = Annotated[int, Field(ge=1, le=MOST_USES)]


class PromotionLimits(Input):
    """How often a promotion can be used, counted while there is a limit of that kind."""

    uses: Uses | None = Field(None, description="Orders in all.")
    uses_per_customer: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="Orders of one e-mail address."
    )
    budget: Amounts = Field((), description="Taken off in all; it does not apply in currencies without one.")

    @property
    def are_shared(self) -> bool:
        """Tell whether the whole shop shares one of them."""
        return self.uses is not None or bool(self.budget)

    @property
    def are_set(self) -> bool:
        """Tell whether there is any."""
        return self.are_shared or self.uses_per_customer is not None


NO_LIMITS = PromotionLimits()


class Terms(Input):
    """All that a merchant says about a promotion."""

    title: Line = Field(description="Shoppers read it beside the discount.")
    status: PromotionStatus = Field(PromotionStatus.DRAFT, strict=False)
    trigger: Literal["automatic", "code"] = Field(
        "automatic", description="Whether it applies by itself, or to carts with one of its codes."
    )
    priority: Annotated[int, Field(ge=-1000, le=1000)] = Field(0, description="The higher, the earlier.")
    stacking: Stacking = Field(
        Stacking.STACKS,
        strict=False,
        description="`stacks`: with all others. `best_of_group`: of those of its group the one that saves most. "
        "`exclusive`: nothing else applies.",
    )
    group: Handle | None = Field(None, description="With `best_of_group`: the name of the group.")
    starts_at: Moment | None = None
    ends_at: Moment | None = Field(None, description="It applies up to this moment, and not at it.")
    conditions: Annotated[tuple[AnyCondition, ...], AnyList, Field(max_length=MOST_CONDITIONS)] = Field(
        (), description="All must be met."
    )
    actions: Annotated[tuple[AnyAction, ...], AnyList, Field(min_length=1, max_length=MOST_ACTIONS)]
    limits: PromotionLimits = NO_LIMITS

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.stacking is Stacking.BEST_OF_GROUP) != (self.group is not None):
            message = "a group goes with best_of_group, and only with it"
            raise ValueError(message)
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            message = "ends_at is not after starts_at"
            raise ValueError(message)
        return self


class Promotion(Terms):
    """What is taken off, for whom and when."""

    id: str

    @property
    def is_first_order_only(self) -> bool:
        """Tell whether it is for those who never ordered."""
        return any(isinstance(condition, FirstOrderCondition) for condition in self.conditions)

    @property
    def gift_skus(self) -> frozenset[str]:
        """Return the SKUs that it gives."""
        return frozenset(action.sku for action in self.actions if isinstance(action, GiftAction))

    def sold_in(self, currency: str) -> bool:
        """Tell whether each amount that it names has one in this currency."""
        return all(any(amount.currency == currency for amount in amounts) for amounts in self._amounts())

    def _amounts(self) -> Iterator[Amounts]:
        named: Iterable[Amounts] = (amounts for part in (*self.conditions, *self.actions) for amounts in part.amounts())
        yield from (amounts for amounts in (*named, self.limits.budget) if amounts)


def in_order[P: Promotion](promotions: Iterable[P]) -> tuple[P, ...]:
    """Return promotions in the order in which they have their turn: by priority, the highest first, then by id."""
    return tuple(sorted(promotions, key=lambda promotion: (-promotion.priority, promotion.id)))
