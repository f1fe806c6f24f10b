"""The clients that tests speak to AWS's stand-ins with: made once per process, because each takes 40 ms to make."""

import os
from functools import cache
from typing import Any

import boto3

from commerce.adapters import ssm
from commerce.kernel import records

REGION = "us-east-1"
_engine = ""


def client(service: str) -> Any:
    """Return the client of a service, for the engine that the environment names now."""
    return _client(service, os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}", ""))


@cache
def _client(service: str, endpoint: str) -> Any:
    make: Any = boto3.client  # Its overloads want a literal name.
    return make(service, region_name=REGION, endpoint_url=endpoint or None)


def forget_secrets() -> None:
    """Let the code under test read its secrets anew, as it does every five minutes."""
    ssm._secrets.clear()


def forget_answers() -> None:
    """Let the code under test forget what it remembers of the stand-ins of the test before."""
    global _engine  # noqa: PLW0603 - the process has one connection, and this is where it leads.
    forget_secrets()
    engine = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB", "")
    if engine != _engine:
        records.connection.cache_clear()
        _engine = engine
