"""AWS CloudFormation: where a deployed store keeps its things."""

import re

from botocore.exceptions import BotoCoreError, ClientError

from commerce.adapters import aws
from commerce.kernel.errors import Unavailable

TABLE = "AWS::DynamoDB::Table"
BUS = "AWS::Events::EventBus"
PATIENCE = aws.Patience(connect_seconds=5, read_seconds=30, attempts=3)


def stack_environment(stack: str) -> dict[str, str]:
    """Return the environment variables that the functions of a deployed store have, as far as names go.

    :raises Unavailable: when there is no such stack, or it is out of reach.
    """
    try:
        pages = aws.client("cloudformation", PATIENCE).get_paginator("list_stack_resources").paginate(StackName=stack)
        resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    except (BotoCoreError, ClientError) as error:
        detail = f"The stack '{stack}' could not be read: {error}"
        raise Unavailable(detail) from error
    found = {
        "SIGNING_KEYS_NAME": f"/tradewind/{stack}/signing-keys",
        "GIFT_CARD_KEYS_NAME": f"/tradewind/{stack}/gift-card-keys",
        "FIRST_STAFF_KEY_NAME": f"/tradewind/{stack}/first-staff-key",
    }
    for resource in resources:
        name = resource.get("PhysicalResourceId", "")
        if resource["ResourceType"] == TABLE:
            found[_variable(resource["LogicalResourceId"])] = name
        elif resource["ResourceType"] == BUS:
            found["EVENT_BUS_NAME"] = name
    return found


def _variable(logical_id: str) -> str:
    """Return `CARTS_TABLE` for `CartsTable`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", logical_id).upper()
