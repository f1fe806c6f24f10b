"""RFC 9457 problem documents: the one table from errors to statuses, and how each is written."""

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, Field

from commerce.kernel import errors
from commerce.kernel.errors import CommerceError, Fault
from commerce.kernel.schema import Output

CONTENT_TYPE = "application/problem+json"

MOST_FAULTS = 100
LONGEST_TEXT = 1000
"""An explanation repeats what it is about, so it is cut: a small request makes no large answer."""

STATUSES: dict[type[CommerceError], HTTPStatus] = {
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Unauthorized: HTTPStatus.UNAUTHORIZED,
    errors.LimitReached: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class TooLarge(CommerceError):
    code = "request.too_large"
    title = "The request body is too large"


class UnsupportedContentType(CommerceError):
    code = "request.unsupported_content_type"
    title = "Send the body as JSON with the header Content-Type: application/json"


class InternalError(CommerceError):
    code = "service.internal_error"
    title = "Something went wrong on our side; the request_id helps support to find it"
    retryable = True


STATUSES |= {
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedContentType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class ProblemFault(Output):
    """One thing that is wrong with the request."""

    param: str = Field(description="Where: the parameter's path, for example `lines.0.quantity`.")
    code: str = Field(description="Stable code of what is wrong with it.")
    message: str = Field(description="What is wrong, for a person.")


class Problem(BaseModel, defer_build=True):
    """What every refusal looks like (RFC 9457, application/problem+json)."""

    type: str = Field(description="URN of the kind of problem; it ends in `code`.")
    title: str = Field(description="What kind of problem it is, the same each time.")
    status: int = Field(description="The HTTP status.")
    code: str = Field(description="Stable code for programs.")
    detail: str = Field(description="What is wrong this time, and what to do.")
    errors: list[ProblemFault] = Field(description=f"Each faulty parameter or line, the first {MOST_FAULTS}.")
    request_id: str = Field(description="Quote it to support.")
    retryable: bool = Field(description="Whether the same request may succeed later.")


def status_of(error: CommerceError) -> HTTPStatus:
    """Return the status of an error: that of the nearest class in the table."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def document(error: CommerceError, *, request_id: str) -> dict[str, Any]:
    """Return the problem document of an error."""
    problem = Problem(
        type=f"urn:tradewind:problem:{error.code}",
        title=error.title,
        status=status_of(error),
        code=error.code,
        detail=_cut(error.detail),
        errors=[_fault(fault) for fault in error.errors[:MOST_FAULTS]],
        request_id=request_id,
        retryable=error.retryable,
    )
    extra = {
        name: value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        for name, value in error.extra.items()
    }
    return problem.model_dump(mode="json") | extra


def response(error: CommerceError, *, request_id: str) -> Response[str]:
    """Return the HTTP answer for an error."""
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, errors.Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        status_code=status_of(error),
        content_type=CONTENT_TYPE,
        body=json.dumps(document(error, request_id=request_id), separators=(",", ":")),
        headers=headers,
    )


def _fault(fault: Fault) -> ProblemFault:
    return ProblemFault(param=_cut(fault.param), code=fault.code, message=_cut(fault.message))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
