"""The envelope of an event, as consumers read it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from commerce.kernel.schema import Instant


class Envelope(BaseModel):
    """One event on the bus. Members that a reader does not know are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: str = Field(description="The same each time the event is delivered; take effect once per id.")
    type: str = Field(description="What happened, in the past tense: `orders.placed`.")
    version: int = Field(ge=1, description="Raised when a member of `data` changes its meaning.")
    aggregate: str = Field(description="What it happened to: `order#ord_…`.")
    sequence: int = Field(ge=0, description="Counts the changes of the aggregate; events may arrive in another order.")
    occurred_at: Instant
    actor: str = Field(description="Who caused it: `shopper`, `staff:key_…`, `stripe:evt_…` or `system:worker`.")
    data: dict[str, Any] = Field(description="What the event tells; see the schema of its type.")


class BusMessage(BaseModel):
    """An event as EventBridge hands it to a queue."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    detail: Envelope
