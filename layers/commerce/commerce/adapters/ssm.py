"""AWS Systems Manager: secrets by name, fetched at run time and kept for five minutes."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError
from cachetools import TTLCache, cached

from commerce.adapters import aws
from commerce.kernel import usage
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable
from commerce.kernel.signing import SigningKey, SigningKeys

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATIENCE = aws.Patience(connect_seconds=1, read_seconds=2, attempts=2)
KEPT_SECONDS = 300

_secrets: TTLCache[str, str] = TTLCache(maxsize=16, ttl=KEPT_SECONDS)


def secret(name: str) -> str:
    """Return the secret that the SSM SecureString `name` holds.

    :raises Unavailable: when it is missing, empty or out of reach. The message names the parameter, never its value.
    """
    return _kept(name)


@cached(_secrets)
def _kept(name: str) -> str:
    value = stored(name) if name else None
    if not value:
        detail = f"The parameter '{name}' is not set."
        raise Unavailable(detail)
    return value


def signing_keys() -> SigningKeys:
    """Return the store's signing keys: a JSON list of `{"id", "secret"}`, the newest first."""
    return _parsed(secret(settings().signing_keys_name))


@lru_cache(maxsize=4)
def _parsed(text: str) -> SigningKeys:
    return SigningKeys(tuple(SigningKey(id=key["id"], secret=key["secret"].encode()) for key in json.loads(text)))


def stored(name: str) -> str | None:
    """Return what the parameter holds right now, past the five-minute memory; None when there is no such parameter.

    :raises Unavailable: when it is out of reach.
    """
    usage.count("kms.request")
    try:
        return _client().get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        detail = f"The parameter '{name}' could not be read: {error.response['Error']['Code']}."
        raise Unavailable(detail) from error
    except BotoCoreError as error:
        raise Unavailable from error


def create_secret(name: str, value: str, *, description: str) -> bool:
    """Store a secret under a name that is free; tell whether it was free. What is there stays as it is."""
    return _put(name, value, description=description, overwrite=False)


def replace_secret(name: str, value: str, *, description: str) -> None:
    """Store a secret over the one that is there. Functions notice within five minutes."""
    _put(name, value, description=description, overwrite=True)


def _put(name: str, value: str, *, description: str, overwrite: bool) -> bool:
    try:
        _client().put_parameter(
            Name=name, Value=value, Type="SecureString", Overwrite=overwrite, Description=description
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterAlreadyExists":
            return False
        detail = f"The parameter '{name}' could not be written: {error.response['Error']['Code']}."
        raise Unavailable(detail) from None
    except BotoCoreError as error:
        raise Unavailable from error
    return True


@lru_cache(maxsize=1)
def _client() -> "SSMClient":
    return cast("SSMClient", aws.client("ssm", PATIENCE))
