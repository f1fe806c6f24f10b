"""The Lambda authorizer of the admin API (HTTP API, payload 2.0, simple responses)."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from commerce.entrypoints.invocations import invocation
from commerce.kernel.log import logger
from commerce.staff import queries

LONGEST_HEADER = 200
REFUSED: dict[str, Any] = {"isAuthorized": False}


@invocation
def authorize(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - AWS's signature.
    """Tell API Gateway whether the Authorization header holds a living staff key, and what the key may do.

    Garbage is refused, never an error. When DynamoDB does not answer this raises, on purpose: API Gateway then
    answers 500 and remembers nothing, while a refusal would be remembered for a minute.

    :raises Unavailable: when DynamoDB does not answer.
    """
    actor = queries.authenticated(authorization=_authorization(event))
    if actor is None:
        logger.info("staff key refused", route=event.get("routeKey"))
        return REFUSED
    return {"isAuthorized": True, "context": {"actor": actor.id, "scopes": " ".join(sorted(actor.scopes))}}


def _authorization(event: Mapping[str, Any]) -> str:
    headers = event.get("headers")
    value = headers.get("authorization") if isinstance(headers, Mapping) else None
    return value if isinstance(value, str) and len(value) <= LONGEST_HEADER else ""
