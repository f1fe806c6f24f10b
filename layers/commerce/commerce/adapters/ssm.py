"""AWS Systems Manager: secrets by name, fetched at run time and kept for five minutes."""

import json
from functools import lru_cache

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable
from commerce.kernel.signing import SigningKey, SigningKeys

KEPT_SECONDS = 300


def secret(name: str) -> str:
    """Return the secret that the SSM SecureString `name` holds.

    :raises Unavailable: when it is missing, empty or out of reach. The message names the parameter, never its value.
    """
    try:
        value = parameters.get_parameter(name, decrypt=True, max_age=KEPT_SECONDS) if name else ""
    except GetParameterError as error:
        detail = f"The parameter '{name}' could not be read."
        raise Unavailable(detail) from error
    if not value:
        detail = f"The parameter '{name}' is not set."
        raise Unavailable(detail)
    return str(value)


def signing_keys() -> SigningKeys:
    """Return the store's signing keys: a JSON list of `{"id", "secret"}`, the newest first."""
    return _parsed(secret(settings().signing_keys_name))


@lru_cache(maxsize=4)
def _parsed(text: str) -> SigningKeys:
    return SigningKeys(tuple(SigningKey(id=key["id"], secret=key["secret"].encode()) for key in json.loads(text)))
