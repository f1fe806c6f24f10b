"""The secrets of a local store: SSM SecureStrings under the names that the templates give."""

import json
import secrets

from local.engine_room import FAKE_PUBLISHABLE_KEY, FAKE_SECRET_KEY
from local.engines import provision
from local.engines.clients import Clients
from local.options import RealStripe
from local.state import StateFile
from local.templates import Application

WEBHOOK_SECRET = "STRIPE_WEBHOOK_SECRET_NAME"
SECRET_KEY = "STRIPE_SECRET_KEY_NAME"
SIGNING_KEYS = "SIGNING_KEYS_NAME"
STAFF_KEY = "FIRST_STAFF_KEY_NAME"
GIFT_CARD_KEYS = "GIFT_CARD_KEYS_NAME"
_REMEMBERED_WEBHOOK_SECRET = "local:webhook-secret"


class SecretParameters:
    """Secrets by the environment variable that holds their name. A durable store remembers them."""

    def __init__(self, state_file: StateFile, real_stripe: RealStripe | None) -> None:
        self._state_file = state_file
        self._real_stripe = real_stripe
        remembered = state_file.state.secrets
        self.publishable_key = real_stripe.publishable_key if real_stripe else FAKE_PUBLISHABLE_KEY
        self.webhook_secret = (
            real_stripe.webhook_secret
            if real_stripe
            else remembered.setdefault(_REMEMBERED_WEBHOOK_SECRET, f"whsec_{secrets.token_hex(24)}")
        )

    def get(self, application: Application, variable: str) -> str | None:
        """Return a secret that the store knows."""
        name = name_of(application, variable)
        return self._state_file.state.secrets.get(name) if name else None

    def put(self, clients: Clients, application: Application) -> None:
        """Store Stripe's secrets, and those that an earlier run made."""
        own = {
            SECRET_KEY: self._real_stripe.secret_key if self._real_stripe else FAKE_SECRET_KEY,
            WEBHOOK_SECRET: self.webhook_secret,
        }
        values = {name: value for name, value in self._state_file.state.secrets.items() if name.startswith("/")}
        values |= {name: own[variable] for variable in own if (name := name_of(application, variable))}
        for name, value in values.items():
            provision.put_parameter(clients, name, value, secure=True)

    def remember(self, clients: Clients, application: Application) -> None:
        """Remember what the set-up functions made; make signing keys when they made none."""
        variables = (SECRET_KEY, WEBHOOK_SECRET, SIGNING_KEYS, STAFF_KEY, GIFT_CARD_KEYS)
        names = {variable: name for variable in variables if (name := name_of(application, variable))}
        found = dict(provision.read_parameters(clients, list(names.values())))
        if (signing := names.get(SIGNING_KEYS)) and signing not in found:
            found[signing] = json.dumps([{"id": "local", "secret": secrets.token_urlsafe(32)}])
            provision.put_parameter(clients, signing, found[signing], secure=True)
        kept = {
            name: value for name, value in found.items() if not (self._real_stripe and name == names.get(SECRET_KEY))
        }
        self._state_file.state.secrets |= kept
        self._state_file.save()


def name_of(application: Application, variable: str) -> str | None:
    """Find the SSM name that some function has in an environment variable."""
    names = (function.environment.get(variable) for function in application.functions.values())
    return next((name for name in names if name), None)
