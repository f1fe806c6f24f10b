"""Promotions and codes as staff send and read them."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from commerce.kernel.money import Money
from commerce.kernel.schema import Handle, Input, Instant, Output
from commerce.promotions.codes import CodeText, Prefix
from commerce.promotions.goods import Moment
from commerce.promotions.model import Promotion, Terms

MOST_OF_A_BATCH = 10_000
MOST_AT_ONCE = 1_000
"""Codes that one call makes; a call that repeats it makes the next ones."""


class PutPromotion(Terms):
    """All of a promotion but its id, which is in the path."""


class StaffPromotion(Promotion):
    """A promotion, and its version."""

    created_at: Instant
    updated_at: Instant
    version: int


class DeletedPromotion(Output):
    """What was deleted. Orders keep what they were sold."""

    id: str
    version: int = Field(description="The version that a promotion of the same id goes on from.")


class NewCodes(Input):
    """One code, or a batch of codes that nobody guesses."""

    code: CodeText | None = Field(
        None, description="One code: 3 to 40 letters and digits. Case, spaces, hyphens, dots do not count."
    )
    batch: Handle | None = Field(None, description="A batch: its name.")
    quantity: Annotated[int, Field(ge=1, le=MOST_OF_A_BATCH)] | None = Field(
        None,
        description=f"How many codes the batch has in the end. A call makes {MOST_AT_ONCE} at most: "
        "repeat it until `made` is `quantity`.",
    )
    prefix: Prefix = Field("", description="Of a batch: what all of its codes begin with.")
    uses_at_most: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Orders with this code. Null: one code as often as its promotion, those of a batch once each."
    )
    ends_at: Moment | None = Field(None, description="Up to when it works; null: as long as its promotion.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.code is None) == (self.batch is None):
            message = "name a code or a batch, one of them"
            raise ValueError(message)
        if (self.batch is None) != (self.quantity is None):
            message = "a quantity goes with a batch, and a batch needs one"
            raise ValueError(message)
        if self.batch is None and self.prefix:
            message = "a prefix goes with a batch"
            raise ValueError(message)
        return self


class StaffCode(Output):
    """A code, and how often it was used."""

    code: str = Field(description="As it is printed.")
    batch: str | None
    uses_at_most: int | None = Field(description="Null: as often as its promotion.")
    uses_left: int | None = Field(description="Null: as often as its promotion.")
    used_by: str | None = Field(description="Of a code that works once: the order that has it.")
    ends_at: Instant | None
    created_at: Instant


class CodeBatch(Output):
    """How far a batch has come."""

    name: str
    quantity: int
    made: int


class MadeCodes(Output):
    """The code that was made, or how far its batch has come."""

    code: StaffCode | None = None
    batch: CodeBatch | None = None


class UsageOfUses(Output):
    """Orders that used a promotion, and those that still can."""

    limit: int
    used: int
    left: int


class UsageOfBudget(Output):
    """What a promotion took off in one currency, and what it still can."""

    limit: Money
    used: Money
    left: Money


class PromotionUsage(Output):
    """How far the limits that the whole shop shares are used up. Open checkouts count."""

    promotion_id: str
    uses: UsageOfUses | None = Field(description="Null: uses are not limited, and not counted.")
    budget: tuple[UsageOfBudget, ...] = Field(description="By currency; none: there is no budget.")
    batches: tuple[CodeBatch, ...] = Field(description="Batches of codes, by name.")
