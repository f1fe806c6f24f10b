"""Who calls: the actor, the idempotency row and the version that a request's headers name."""

import hashlib
import json
import re
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from commerce.adapters.ssm import signing_keys
from commerce.kernel import clock
from commerce.kernel.call import Actor, Call
from commerce.kernel.config import settings
from commerce.kernel.errors import Fault, Invalid
from commerce.kernel.idempotency import Once

KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,255}")
ETAG_PATTERN = re.compile(r'(?:W/)?"([0-9]{1,15})"')


class Caller:
    """One request's caller, read from its API Gateway v2 event."""

    def __init__(self, event: APIGatewayProxyEventV2) -> None:
        self._event = event
        self._headers = event.headers

    @property
    def actor(self) -> Actor:
        """Return the staff key that the authorizer let in, or an anonymous shopper."""
        context = self._authorizer()
        if not context:
            return Actor(kind="shopper", id="")
        return Actor(kind="staff", id=context["actor"], scopes=frozenset(context["scopes"].split()))

    @property
    def ip(self) -> str:
        """Return the shopper's address as the outermost proxy of ours saw it.

        Each proxy appends who called it to X-Forwarded-For, so the entry that our own proxies wrote counts from the
        right; everything further left is whatever the caller made up.
        """
        peer: str = self._event.request_context.http.source_ip
        forwarded = [part.strip() for part in self._headers.get("x-forwarded-for", "").split(",") if part.strip()]
        hops = settings().trusted_proxy_hops
        return forwarded[-1 - hops] if len(forwarded) > hops else peer

    def call(self, *, fingerprinted: str | None) -> Call:
        """Return the circumstances of this request.

        `fingerprinted` is the body of a write; None for a read, which needs no idempotency key and ignores one.

        :raises Invalid: for a header that cannot be meant.
        """
        now = clock.now()
        return Call(
            now=now,
            actor=self.actor,
            once=None if fingerprinted is None else self._once(fingerprinted),
            expected_version=self._expected_version(),
            client_ip=self.ip,
        )

    def _once(self, body: str) -> Once | None:
        key = self._headers.get("idempotency-key")
        if key is None:
            return None
        if not KEY_PATTERN.fullmatch(key):
            raise _bad_header("Idempotency-Key", "Send 1 to 255 visible ASCII characters, best a random UUID.")
        scope = "\n".join((self._identity(), self._event.route_key or "", key))
        request = "\n".join((self._event.raw_path, self._event.raw_query_string, _canonical(body)))
        pk = hashlib.sha256(scope.encode()).hexdigest()
        return Once(pk=pk, request=request, keys=signing_keys(), now=clock.now())

    def _identity(self) -> str:
        """Return what tells callers apart: the staff key; for a shopper, where from and with which order's token."""
        actor = self.actor
        if actor.kind == "staff":
            return str(actor)
        token = self._headers.get("order-token", "")
        return "\n".join(filter(None, (f"shopper {self.ip} {self._headers.get('user-agent', '')}", token)))

    def _expected_version(self) -> int | None:
        tag = self._headers.get("if-match")
        if tag is None or tag.strip() == "*":
            return None
        match = ETAG_PATTERN.fullmatch(tag.strip())
        if match is None:
            raise _bad_header("If-Match", 'Send the ETag that you read, for example "3".')
        return int(match.group(1))

    def _authorizer(self) -> dict[str, Any]:
        authorizer: dict[str, Any] = self._event.raw_event["requestContext"].get("authorizer") or {}
        context: dict[str, Any] = authorizer.get("lambda") or {}
        return context


def _canonical(body: str) -> str:
    """Return the body as JSON compares: order of keys and white space do not matter."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")) if body else ""
    except ValueError:
        return body


def _bad_header(name: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", errors=(Fault(param=name, code="invalid.header", message=message),))
