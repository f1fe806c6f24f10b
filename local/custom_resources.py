"""Run the functions behind custom resources, as CloudFormation does when a stack is made."""

import asyncio
from typing import Any

from local.clock import new_uuid
from local.templates import Application, CustomResource
from local.templates.names import ACCOUNT, REGION
from local.workers import WorkerPool


class CustomResourceFailed(Exception):
    """A custom resource did not answer SUCCESS; a deployment would roll back."""


class CustomResources:
    """Sends each function its request and waits for the answer at a URL of the control surface."""

    def __init__(self, *, pool: WorkerPool, control_url: str) -> None:
        self._pool = pool
        self._control_url = control_url
        self._answers: dict[str, dict[str, Any]] = {}

    def answered(self, request_id: str, document: dict[str, Any]) -> None:
        """Take the answer that a function sent to its response URL."""
        self._answers[request_id] = document

    async def create(self, application: Application, resource: CustomResource) -> None:
        """Create one resource; raise CustomResourceFailed. Functions must bear being asked again after a restart."""
        request_id = new_uuid()
        event = {
            "RequestType": "Create",
            "ServiceToken": resource.service_token,
            "ResponseURL": f"{self._control_url}/_local/cloudformation/{request_id}",
            "StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/local/{resource.stack or 'root'}",
            "RequestId": request_id,
            "LogicalResourceId": resource.logical_id,
            "ResourceType": resource.kind,
            "ResourceProperties": dict(resource.properties),
        }
        outcome = await self._pool.invoke(application.function(resource.service_token).name, event)
        if outcome.error:
            message = f"{resource.logical_id}: {outcome.error.message}"
            raise CustomResourceFailed(message)
        await asyncio.sleep(0)
        answer = self._answers.pop(request_id, None)
        if answer is None or answer.get("Status") != "SUCCESS":
            message = f"{resource.logical_id}: {answer.get('Reason') if answer else 'the function sent no answer'}"
            raise CustomResourceFailed(message)
