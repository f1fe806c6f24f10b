"""What a deploy prepares: checks of Stripe's secrets, the keys of tokens and codes, and the first staff key."""

import re

from commerce.adapters import ssm
from commerce.adapters.code_keys import ensure_code_keys
from commerce.adapters.signing_keys import ensure_signing_keys
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import Invalid
from commerce.staff import operations as staff
from commerce.staff import queries
from commerce.staff.model import StaffToken

SECRET_KEY = re.compile(r"(?:sk|rk)_(?P<mode>live|test)_\w+")
WEBHOOK_SECRET = re.compile(r"whsec_\w{16,}")
PUBLISHABLE_KEY = re.compile(r"pk_(?P<mode>live|test)_\w+")
PLAY_STAGE = re.compile(r"test|dev|local")


class BadConfiguration(Invalid):
    code = "setup.bad_configuration"
    title = "The store is not configured so that it could sell"


def prepare_store(*, call: Call) -> dict[str, str]:
    """Check what the merchant configured and make what is missing. Repeating it changes nothing.

    :raises BadConfiguration: saying which parameter is wrong and what to do about it.
    """
    _check_stripe()
    ensure_signing_keys()
    ensure_code_keys()
    _ensure_first_staff_key(call)
    return {"FirstStaffKeyName": settings().first_staff_key_name, "SigningKeysName": settings().signing_keys_name}


def _check_stripe() -> None:
    config = settings()
    key = SECRET_KEY.fullmatch(_required(config.stripe_secret_key_name, "Stripe's secret key (sk_test_… or sk_live_…)"))
    if key is None:
        detail = f"The parameter '{config.stripe_secret_key_name}' holds no Stripe secret key (sk_test_… or sk_live_…)."
        raise BadConfiguration(detail)
    if key["mode"] == "live" and PLAY_STAGE.match(config.stage):
        detail = f"The stage '{config.stage}' has a live Stripe key: real cards would be charged. Use a test key."
        raise BadConfiguration(detail)
    publishable = PUBLISHABLE_KEY.fullmatch(config.stripe_publishable_key)
    if publishable is not None and publishable["mode"] != key["mode"]:
        detail = f"The publishable key is a {publishable['mode']} key and the secret key is a {key['mode']} key."
        raise BadConfiguration(detail)
    name = config.stripe_webhook_secret_name
    hint = (
        "the signing secret of Stripe's webhook (whsec_…). Before the webhook exists, store a random one, "
        "'whsec_' and 32 random letters; overwrite it with Stripe's afterwards"
    )
    for part in _required(name, hint).split(","):
        if not WEBHOOK_SECRET.fullmatch(part.strip()):
            detail = f"The parameter '{name}' must hold {hint}."
            raise BadConfiguration(detail)


def _required(name: str, what: str) -> str:
    value = ssm.stored(name) if name else None
    if value is None or not value.strip():
        detail = f"The SSM parameter '{name}' is missing or empty. Store there, as a SecureString, {what}."
        raise BadConfiguration(detail)
    return value.strip()


def _ensure_first_staff_key(call: Call) -> None:
    """Make the first staff key, unless there is one.

    The parameter is written before the row, and the row follows from the parameter: a crash between the two is mended
    by the next run. A merchant who took the key and deleted the parameter does not get another one.
    """
    name = settings().first_staff_key_name
    text = ssm.stored(name)
    if text is None and queries.living_manager() is not None:
        return
    if text is None:
        token = StaffToken.new(now=call.now)
        ssm.create_secret(name, token.text, description="The first staff key. Take it, and delete this parameter.")
        text = ssm.stored(name)
    token_found = StaffToken.parsed(text or "")
    if token_found is None:
        detail = f"The parameter '{name}' holds no staff key. Delete it, and deploy again to get one."
        raise BadConfiguration(detail)
    staff.register_first_key(token=token_found, call=call)
