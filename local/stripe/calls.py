"""One call to the API: what was asked, by whom, and what a script makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.stripe.cards import Decline
from local.stripe.forms import Form
from local.stripe.ledger import Ledger, Resource
from local.stripe.parameters import Spec


@dataclass(frozen=True)
class Script:
    """Overrule how the payment method of a confirmation behaves."""

    decline: Decline | None = None
    processing_seconds: int | None = None


@dataclass(kw_only=True)
class Call:
    """Carry a request through the API, which fills in what it found in ``encoded`` and the path."""

    method: str
    path: str
    encoded: bytes = b""
    form: Form = field(default_factory=dict)
    request_id: str = ""
    idempotency_key: str | None = None
    api_version: str | None = None
    by_server: bool = True
    object_id: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    script: Script = field(default_factory=Script)


type Handler = Callable[[Ledger, Call], Resource]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Describe an endpoint; ``{id}`` in its path stands for the object's id."""

    method: str
    path: str
    handler: Handler
    spec: Spec
    required: tuple[str, ...] = ()
    browser: bool = False

    @property
    def kind(self) -> str:
        """Name the kind of object that the endpoint answers, or lists."""
        family, *rest = self.path.removeprefix("/v1/").split("/")
        return f"tax.{rest[0].removesuffix('s')}" if family == "tax" else family.removesuffix("s")
