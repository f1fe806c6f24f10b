"""Domain errors: what went wrong, in words for a person and a stable code for a program.

CommerceError
├── NotFound            nothing there, or not yours (the two look the same)
├── Malformed           the bytes cannot be read, or do not come from whom they claim
├── Invalid             the request asks for something that can never work
├── Conflict            the request clashes with the present state
│   └── StaleVersion    the caller saw an older version
├── Forbidden           the caller may not do this
├── Unauthorized        the caller did not prove who they are
├── LimitReached        the caller does this too often
└── Unavailable         a part we need does not answer; try again

Errors know nothing of HTTP: `entrypoints.problems` maps each class to its status.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self


class Fault(NamedTuple):
    """One thing that is wrong, with the parameter it is about (`lines.TEE-S.quantity`)."""

    param: str
    code: str
    message: str


class CommerceError(Exception):
    """Base of every error that a caller can cause or see.

    :param detail: a sentence that says what is wrong and what to do.
    :param errors: one entry per faulty parameter or line.
    :param extra: further members of the problem document (JSON-able), for example the new quote.
    """

    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        errors: tuple[Fault, ...] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors
        self.extra: Mapping[str, Any] = extra or {}
        self.retry_after_seconds = retry_after_seconds

    def joined(self, others: tuple[Self, ...]) -> Self:
        """Return this error with the faults of the others added, for refusals of several lines at once."""
        self.errors = (*self.errors, *(fault for other in others for fault in other.errors))
        return self


class NotFound(CommerceError):
    code = "not_found"
    title = "Not found"


class Malformed(CommerceError):
    code = "request.malformed"
    title = "The request cannot be read"


class Invalid(CommerceError):
    code = "request.invalid"
    title = "The request is not valid"


class Conflict(CommerceError):
    code = "conflict"
    title = "The request conflicts with the present state"


class StaleVersion(Conflict):
    code = "request.stale_version"
    title = "This was changed since you read it; read it again and repeat the change"


class Forbidden(CommerceError):
    code = "request.forbidden"
    title = "You may not do this"


class Unauthorized(CommerceError):
    code = "request.unauthorized"
    title = "Credentials are missing or not valid"


class LimitReached(CommerceError):
    code = "request.limit_reached"
    title = "Too many requests of this kind"
    retryable = True


class Unavailable(CommerceError):
    code = "service.unavailable"
    title = "A part of the store does not answer; try again"
    retryable = True


class WriteConflict(Conflict):
    """Others kept changing the same rows; nothing was written."""

    code = "request.write_conflict"
    title = "Others were changing the same thing; nothing was changed, try again"
    retryable = True
