"""The environment variables of a worker: Lambda's own, the function's, and where the local services are."""

import os
from dataclasses import dataclass

from local.templates import Function
from local.templates.names import REGION

_STRIPE_API_BASE = "STRIPE_API_BASE"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the local services answer. `stripe` is empty when real Stripe is used."""

    aws: str
    dynamodb: str
    stripe: str = ""


def service_environment(endpoints: Endpoints) -> dict[str, str]:
    """Build what leads the AWS SDK to the local services and keeps the developer's own account out."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoints.aws,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoints.dynamodb,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": endpoints.dynamodb,
        "AWS_XRAY_SDK_ENABLED": "false",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }


def function_environment(function: Function, endpoints: Endpoints) -> dict[str, str]:
    """Build the whole environment of one function's workers; nothing else is inherited."""
    group = f"/aws/lambda/{function.name}"
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONUNBUFFERED": "1",
        "LAMBDA_TASK_ROOT": str(function.code_dir),
        "_HANDLER": function.handler,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
    }
    environment |= service_environment(endpoints)
    environment |= function.environment
    if _STRIPE_API_BASE in function.environment:
        environment[_STRIPE_API_BASE] = endpoints.stripe
    return environment
