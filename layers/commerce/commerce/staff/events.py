"""What the staff domain announces."""

from commerce.kernel.outbox import Event


class StaffKeyCreated(Event):
    """A staff key was made."""

    type = "staff.key_created"

    key_id: str
    name: str
    scopes: list[str]


class StaffKeyRevoked(Event):
    """A staff key was revoked and opens nothing any more."""

    type = "staff.key_revoked"

    key_id: str
    name: str
