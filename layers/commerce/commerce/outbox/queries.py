"""Questions about what was announced."""

from collections.abc import Sequence

from commerce.kernel.outbox import OutboxRecord
from commerce.kernel.reads import listed

MOST = 200


def history(*, aggregate: str) -> Sequence[OutboxRecord]:
    """Return the events of an aggregate (`order#ord_…`) in order, the first 200: its timeline."""
    return listed(OutboxRecord.query(aggregate, consistent_read=True, limit=MOST))
