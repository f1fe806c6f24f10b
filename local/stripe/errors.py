"""Errors in the shape Stripe gives them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any


class StripeError(Exception):
    """Answer a call with an error.

    ``recorded`` says whether the answer is kept for the call's idempotency key: Stripe keeps what an
    execution produced and forgets what was refused before one began.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        recorded: bool = True,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        """Build the error object of the answer; ``fields`` are added to it when they are not None."""
        super().__init__(message)
        self.status = int(status)
        self.code = code
        self.recorded = recorded
        self.error: dict[str, Any] = {"type": kind, "message": message}
        if code is not None:
            self.error |= {"code": code, "doc_url": documentation_of(code)}
        self.error |= {name: value for name, value in (fields or {}).items() if value is not None}


def documentation_of(code: str) -> str:
    """Name the page on which Stripe explains an error code."""
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


def invalid_request(
    message: str, *, code: str | None = None, param: str | None = None, payment_intent: dict[str, Any] | None = None
) -> StripeError:
    """Refuse what an execution found to be impossible."""
    return StripeError(
        HTTPStatus.BAD_REQUEST,
        "invalid_request_error",
        message,
        code=code,
        fields={"param": param, "payment_intent": payment_intent},
    )


def invalid_parameter(message: str, *, param: str | None, code: str | None = None) -> StripeError:
    """Refuse a parameter before anything was executed."""
    return StripeError(
        HTTPStatus.BAD_REQUEST,
        "invalid_request_error",
        message,
        code=code,
        recorded=False,
        fields={"param": param},
    )


def no_such(*, noun: str, object_id: str, param: str) -> StripeError:
    """Answer for an object that does not exist: 404 where it is the path's own, 400 where a parameter named it."""
    in_path = param in {"id", "intent"}
    return StripeError(
        HTTPStatus.NOT_FOUND if in_path else HTTPStatus.BAD_REQUEST,
        "invalid_request_error",
        f"No such {noun}: '{object_id}'",
        code="resource_missing",
        fields={"param": param},
    )


def unexpected_state(message: str, payment_intent: dict[str, Any]) -> StripeError:
    """Refuse an operation that the intent's status does not allow; the answer carries the intent."""
    return invalid_request(message, code="payment_intent_unexpected_state", payment_intent=payment_intent)


def unauthenticated(message: str, *, code: str | None = None) -> StripeError:
    """Refuse a call without a key that may make it."""
    return StripeError(HTTPStatus.UNAUTHORIZED, "invalid_request_error", message, code=code, recorded=False)


def unknown_url(method: str, path: str) -> StripeError:
    """Answer for a path that the local Stripe does not serve."""
    message = f"Unrecognized request URL ({method}: {path}). The local Stripe serves a part of the API only."
    return StripeError(HTTPStatus.NOT_FOUND, "invalid_request_error", message, recorded=False)


def idempotency_conflict(status: int, message: str, *, code: str | None = None) -> StripeError:
    """Refuse a key that is in use, or that belongs to another call."""
    return StripeError(status, "idempotency_error", message, code=code, recorded=False)


def rate_limited() -> StripeError:
    """Refuse a call because of too many others."""
    return StripeError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "invalid_request_error",
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        code="rate_limit",
        recorded=False,
    )


def internal_error() -> StripeError:
    """Fail as Stripe fails when the fault is its own."""
    return StripeError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "api_error",
        "An unknown error occurred; it was scripted with a fault of the local Stripe.",
    )
