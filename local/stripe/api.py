"""How a call is answered: key, faults, idempotency, parameters, execution, journal."""

import asyncio
import base64
import binascii
import json
import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from local.stripe import account, balance, charges, disputes, intents, refunds, tax
from local.stripe.calls import Call, Operation
from local.stripe.config import StripeConfig
from local.stripe.errors import StripeError, internal_error, rate_limited, unauthenticated, unknown_url
from local.stripe.expansion import check_paths, expanded
from local.stripe.faults import Fault, Faults, Mode, script_of
from local.stripe.forms import decode_form, readable
from local.stripe.idempotency import IdempotencyKeys
from local.stripe.intents import PUBLIC_FIELDS
from local.stripe.journal import Journal, objects_in
from local.stripe.ledger import Ledger, Origin, Resource
from local.stripe.parameters import parse
from local.stripe.timers import ACTIONS

OPERATIONS: tuple[Operation, ...] = (
    *intents.OPERATIONS,
    *charges.OPERATIONS,
    *refunds.OPERATIONS,
    *disputes.OPERATIONS,
    *balance.OPERATIONS,
    *account.OPERATIONS,
    *tax.OPERATIONS,
)
ROUTES = [(re.compile(each.path.replace("{id}", "(?P<id>[^/]+)")), each) for each in OPERATIONS]


@dataclass(frozen=True)
class Answer:
    """Hold what goes back to the caller; with ``hang_up`` the connection closes and nothing goes back."""

    status: int
    body: str
    request_id: str
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    replayed: bool = False

    def json(self) -> dict[str, Any]:
        """Read the body."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


class Api:
    """Answer calls on a ledger."""

    def __init__(self, config: StripeConfig, ledger: Ledger, faults: Faults, journal: Journal) -> None:
        """Serve the account in the ledger."""
        self._config = config
        self._ledger = ledger
        self._faults = faults
        self._journal = journal
        self._keys = IdempotencyKeys(ledger)

    async def answer(self, call: Call, *, authorization: str | None) -> Answer:
        """Answer a call, journal it, and let the scripted faults have their way."""
        call.request_id = self._ledger.new_id("req")
        self._ledger.run_due(ACTIONS)
        hit = self._faults.hit(call)
        try:
            answer = await self._answer(call, authorization, hit)
        except StripeError as error:
            answer = _failed(call, error)
        answer = replace(
            answer,
            headers=self._headers(call, answer),
            hang_up=answer.hang_up or "drop_after" in hit,
        )
        self._write(call, answer, hit)
        return answer

    async def _answer(self, call: Call, authorization: str | None, hit: dict[Mode, Fault]) -> Answer:
        if early := hit.get("timeout") or hit.get("drop_before"):
            await asyncio.sleep(early.seconds)
            return Answer(0, "{}", call.request_id, hang_up=True)
        call.by_server = self._is_server(authorization)
        call.form = decode_form(call.encoded)
        operation = _routed(call)
        if not call.by_server and not operation.browser:
            message = "This API call cannot be made with a publishable API key. Please use a secret API key."
            raise unauthenticated(message, code="secret_key_required")
        if "429" in hit:
            raise rate_limited()
        if call.method != "POST":
            call.idempotency_key = None
        with self._keys.in_flight(call):
            if slow := hit.get("delay"):
                await asyncio.sleep(slow.seconds)
            if recorded := self._keys.recorded(call):
                return Answer(recorded.status, recorded.body, recorded.request_id, replayed=True)
            return self._executed(call, operation, hit)

    def _executed(self, call: Call, operation: Operation, hit: dict[Mode, Fault]) -> Answer:
        call.params = parse(operation.spec, call.form, required=operation.required)
        check_paths(operation.kind, call.params.get("expand", []))
        call.script = script_of(hit)
        try:
            if "500_recorded" in hit:
                raise internal_error()
            with self._ledger.acting(Origin(call.request_id, call.idempotency_key)):
                result = operation.handler(self._ledger, call)
            if "500_after" in hit:
                raise internal_error()
            shown = expanded(self._ledger, result, call.params.get("expand", []))
            answer = Answer(HTTPStatus.OK, _encoded(_visible(call, shown)), call.request_id)
        except StripeError as error:
            if not error.recorded:
                raise
            answer = _failed(call, internal_error() if "500_after" in hit else error)
        self._keys.record(call, answer.status, answer.body)
        return answer

    def _is_server(self, authorization: str | None) -> bool:
        key = _key(authorization or "")
        if not key:
            message = (
                "You did not provide an API key. You need to provide your API key in the Authorization header, using "
                "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            )
            raise unauthenticated(message)
        if key not in {self._config.secret_key, self._config.publishable_key}:
            message = f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}"
            raise unauthenticated(message)
        return key == self._config.secret_key

    def _headers(self, call: Call, answer: Answer) -> dict[str, str]:
        headers = {"Request-Id": call.request_id, "Stripe-Version": call.api_version or self._config.api_version}
        if call.idempotency_key is not None and call.idempotency_key.isprintable():
            headers["Idempotency-Key"] = call.idempotency_key
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            headers["Stripe-Should-Retry"] = "false"  # The same key would give the same answer.
        if answer.replayed:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
        return headers

    def _write(self, call: Call, answer: Answer, hit: dict[Mode, Fault]) -> None:
        shown = answer.json()
        entry = {
            "request_id": call.request_id,
            "method": call.method,
            "path": call.path,
            "caller": "server" if call.by_server else "browser",
            "params": readable(call.form),
            "idempotency_key": call.idempotency_key,
            "replayed": answer.replayed,
            "status": answer.status,
            "answered": not answer.hang_up,
            "error_code": shown.get("error", {}).get("code") or shown.get("error", {}).get("type"),
            "objects": objects_in(shown),
            "faults": sorted(hit),
        }
        self._journal.write("call", entry)


def _key(authorization: str) -> str:
    """Read the key of a Bearer header, or of the user name that ``curl -u`` sends."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme == "Bearer":
        return credentials.strip()
    if scheme == "Basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _routed(call: Call) -> Operation:
    for pattern, operation in ROUTES:
        found = pattern.fullmatch(call.path) if operation.method == call.method else None
        if found:
            call.object_id = found.groupdict().get("id", "")
            return operation
    raise unknown_url(call.method, call.path)


def _visible(call: Call, answer: Resource) -> Resource:
    """Hide from browsers what the client secret does not open."""
    if call.by_server or answer.get("object") != "payment_intent":
        return answer
    return {name: value for name, value in answer.items() if name in PUBLIC_FIELDS}


def _failed(call: Call, error: StripeError) -> Answer:
    shown = dict(error.error) | {"request_log_url": f"https://dashboard.stripe.com/test/logs/{call.request_id}"}
    if "payment_intent" in shown:
        shown["payment_intent"] = _visible(call, shown["payment_intent"])
    return Answer(error.status, _encoded({"error": shown}), call.request_id)


def _encoded(answer: Resource) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False)
