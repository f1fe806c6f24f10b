"""The edge of a CloudFormation custom resource: whatever happens, CloudFormation gets an answer.

Ours instead of a library: the protocol is one PUT, the known helper (crhelper) sets up logging of its own that writes
the whole event, signed answer address included, and brings polling with permissions that we would have to grant.
"""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.data_classes import CloudFormationCustomResourceEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from commerce.entrypoints.workers import Handler
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.errors import CommerceError
from commerce.kernel.log import logger
from commerce.kernel.retrying import Patience, again_after

ANSWER_SECONDS = 10
LONGEST_REASON = 1000


def custom_resource(work: Callable[..., dict[str, str]], *, worker: str, physical_id: str) -> Handler:
    """Return a handler that calls `work(call=...)` when the resource is made or changed, and leaves all at its end.

    `work` may run any number of times. What it returns can be read in the template; it is no place for secrets.

    :param physical_id: stays the same for ever, so that CloudFormation never replaces the resource.
    """

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        request = CloudFormationCustomResourceEvent(event)
        answer: dict[str, Any] = {
            "Status": "SUCCESS",
            "PhysicalResourceId": event.get("PhysicalResourceId", physical_id),
            "StackId": request.stack_id,
            "RequestId": request.request_id,
            "LogicalResourceId": request.logical_resource_id,
        }
        try:
            if request.request_type != "Delete":
                answer["Data"] = work(call=system_call(worker=worker, now=clock.now()))
        except Exception as error:  # noqa: BLE001 - CloudFormation would wait an hour for the answer.
            logger.exception("the custom resource failed", worker=worker)
            answer |= {"Status": "FAILED", "Reason": _reason(error, context)}
        _send(request.response_url, answer)
        logger.info("answered CloudFormation", worker=worker, status=answer["Status"])
        return answer

    return handler


def _reason(error: Exception, context: LambdaContext) -> str:
    if isinstance(error, CommerceError):
        return error.detail[:LONGEST_REASON]
    return f"{type(error).__name__}; the log of request {context.aws_request_id} tells more."


@again_after(OSError, patience=Patience(first_wait=0.4, longest_wait=2))
def _send(url: str, answer: dict[str, Any]) -> None:
    """Put the answer where CloudFormation waits for it. The address is signed without a content type."""
    if not url.startswith(("https://", "http://")):
        message = "CloudFormation's answer address is no HTTP address."
        raise ValueError(message)
    body = json.dumps(answer).encode()
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - checked.
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310 - checked above.
        pass
