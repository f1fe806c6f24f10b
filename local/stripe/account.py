"""The account itself, its events and its webhook endpoint."""

from fnmatch import fnmatchcase

from local.stripe.calls import Call, Operation
from local.stripe.config import DAY
from local.stripe.errors import invalid_parameter, no_such
from local.stripe.ledger import Ledger, Resource
from local.stripe.lists import page
from local.stripe.parameters import EXPAND, PAGE, boolean, list_of, text

ACCOUNT_ID, ENDPOINT_ID = "acct_1TradewindLocal", "we_1TradewindLocal"
EVENTS_KEPT_DAYS = 30
MAX_TYPES = 20


def _account(ledger: Ledger, call: Call) -> Resource:
    if call.object_id not in {"", ACCOUNT_ID}:
        raise no_such(noun="account", object_id=call.object_id, param="id")
    config = ledger.config
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {
            "mcc": "5999",
            "name": "Tradewind",
            "product_description": None,
            "support_email": None,
            "support_phone": None,
            "url": None,
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active", "us_bank_account_ach_payments": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": config.country,
        "created": 1_700_000_000,
        "default_currency": config.default_currency,
        "details_submitted": True,
        "email": "owner@tradewind.example",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{ACCOUNT_ID}/external_accounts",
        },
        "future_requirements": {"currently_due": [], "disabled_reason": None, "errors": []},
        "metadata": {},
        "payouts_enabled": True,
        "requirements": {"currently_due": [], "disabled_reason": None, "errors": []},
        "settings": {
            "dashboard": {"display_name": "Tradewind", "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "TRADEWIND"},
        },
        "tos_acceptance": {"date": 1_700_000_000},
        "type": "standard",
    }


def _events(ledger: Ledger, call: Call) -> Resource:
    params = call.params
    if "type" in params and "types" in params:
        message = "You may only specify one of these parameters: type, types."
        raise invalid_parameter(message, param="types")
    patterns = params.get("types", [params["type"]] if "type" in params else ["*"])
    if len(patterns) > MAX_TYPES:
        message = f"You may filter by at most {MAX_TYPES} event types."
        raise invalid_parameter(message, param="types")
    oldest = ledger.now() - EVENTS_KEPT_DAYS * DAY

    def keep(event: Resource) -> bool:
        delivered = params.get("delivery_success")
        return (
            event["created"] >= oldest
            and any(fnmatchcase(event["type"], pattern) for pattern in patterns)
            and delivered in {None, event["pending_webhooks"] == 0}
        )

    return page(ledger, "event", url=call.path, params=params, keep=keep)


def _event(ledger: Ledger, call: Call) -> Resource:
    return ledger.find("event", call.object_id)


def _endpoint(ledger: Ledger, call: Call) -> Resource:
    if ledger.config.webhook_url is None or call.object_id != ENDPOINT_ID:
        raise no_such(noun="webhook endpoint", object_id=call.object_id, param="id")
    return {
        "id": ENDPOINT_ID,
        "object": "webhook_endpoint",
        "api_version": ledger.config.api_version,
        "application": None,
        "created": 1_700_000_000,
        "description": "The store",
        "enabled_events": ["*"],
        "livemode": ledger.config.livemode,
        "metadata": {},
        "status": "enabled",
        "url": ledger.config.webhook_url,
    }


def _endpoints(ledger: Ledger, call: Call) -> Resource:
    endpoints = []
    if ledger.config.webhook_url is not None:
        endpoints = [_endpoint(ledger, Call(method="GET", path=call.path, object_id=ENDPOINT_ID))]
    return {"object": "list", "data": endpoints, "has_more": False, "url": call.path}


EVENT_LIST = {**PAGE, "type": text(), "types": list_of(text()), "delivery_success": boolean()}
OPERATIONS = (
    Operation(method="GET", path="/v1/account", handler=_account, spec=EXPAND),
    Operation(method="GET", path="/v1/accounts/{id}", handler=_account, spec=EXPAND),
    Operation(method="GET", path="/v1/events", handler=_events, spec=EVENT_LIST),
    Operation(method="GET", path="/v1/events/{id}", handler=_event, spec=EXPAND),
    Operation(method="GET", path="/v1/webhook_endpoints", handler=_endpoints, spec=PAGE),
    Operation(method="GET", path="/v1/webhook_endpoints/{id}", handler=_endpoint, spec=EXPAND),
)
