"""G11: nobody reads or changes what is not theirs, on every operation of the document, whatever they send instead.

A miss and a foreign thing look the same. No answer holds a word of the owner's, and nothing changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from typing import Any

import boto3
import httpx
import pytest

from tests.faults.http.conftest import SceneOf
from tests.faults.http.footprints import Footprint
from tests.faults.http.nowhere import (
    FOR_EVERYBODY,
    MAKES_WHAT_IS_MISSING,
    NOWHERE,
    OPENED_BY_A_CODE,
    SAYS_WHAT_IS_WRONG,
    SIGNED_BY_STRIPE,
)
from tests.support import pdf
from tests.support.aws import REGION
from tests.support.document import Operation, operations
from tests.support.examples import EXAMPLES, Request
from tests.support.scene import CANARY, Scene

pytestmark = pytest.mark.java

NO_KEY = (401, {"message": "Unauthorized"})
NOT_A_KEY = (403, {"message": "Forbidden"})


def needs_staff_key(operation: Operation) -> bool:
    return operation.scope is not None


def needs_order_token(operation: Operation) -> bool:
    return operation.takes_order_token


def needs_cart_id(operation: Operation) -> bool:
    return "cart_id" in operation.names and not needs_staff_key(operation)


def can_miss(operation: Operation) -> bool:
    answers_anything = MAKES_WHAT_IS_MISSING | SAYS_WHAT_IS_WRONG
    return needs_staff_key(operation) and bool(operation.names) and operation.id not in answers_anything


def shown(answer: httpx.Response) -> tuple[int, Any]:
    """Return all that a stranger learns from an answer; each request has an id of its own."""
    body = answer.json()
    return answer.status_code, {name: value for name, value in body.items() if name != "request_id"}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Return how an answer refuses; a success has no code."""
    return answer.status_code, answer.json().get("code", "")


def words(answer: httpx.Response) -> str:
    """Return what a person reads of an answer; a PDF's text is packed."""
    return pdf.read(answer.content).text if answer.content.startswith(b"%PDF-") else answer.text


class Safe:
    """An operation's example with its owner's secrets, and the state of the store that strangers must not change."""

    def __init__(self, operation: Operation, scene: Scene) -> None:
        self.operation = operation
        self.scene = scene
        self.request: Request = EXAMPLES[operation.id].prepared(scene)
        self._before: Footprint | None = None

    def watch(self) -> None:
        """Take the state of the store as the one that must stay."""
        self._before = Footprint.of(self.scene)

    def tried(self, headers: Mapping[str, str], **values: str) -> httpx.Response:
        """Send the owner's request without the owner's credentials; `values` replace parts of its path."""
        request = replace(self.request, values={**self.request.values, **values}, headers={})
        return self.scene.send(self.operation, request, headers)

    def nowhere(self) -> dict[str, str]:
        """Return values for the path that name nothing."""
        return {name: NOWHERE[name] for name in self.operation.names}

    def check(self, *answers: httpx.Response) -> None:
        """Check that strangers learned nothing, changed nothing, and were refused in a way that is documented."""
        for answer in answers:
            assert answer.is_error
            assert answer.status_code in self.operation.statuses, "a refusal that the document does not tell of"
            assert CANARY not in answer.text.lower()
        assert self._before is not None
        assert Footprint.of(self.scene).since(self._before) == {}


@pytest.fixture(scope="session")
def safes(scene_of: SceneOf) -> Callable[[Operation], Safe]:
    return cache(lambda operation: Safe(operation, scene_of(operation)))


@pytest.fixture
def safe(operation: Operation, safes: Callable[[Operation], Safe]) -> Safe:
    return safes(operation)


class Strangers:
    """Staff keys that do not open an operation."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._some = scene.staff_key("catalog:read")["token"]
        self._order = scene.ordered(paid=False)
        self._scopes = sorted({each.scope for each in operations().values() if each.scope})
        self.revoked = self._revoked()
        self.without_scopes = self._without_scopes()
        self.without = cache(self._without)

    def garbage(self) -> dict[str, str]:
        """Return what is no staff key, by what it is."""
        head, _, secret = self._some.rpartition("_")
        return {
            "no words": "garbage",
            "a key that never was": f"twsk_{'0' * 26}_{'a' * 32}",
            "a key with another secret": f"{head}_{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}",
            "an order's token": self._order["order_token"],
            "a cart's id": self._order["order"]["cart_id"],
            "a key that was revoked": self.revoked,
        }

    def _without(self, scope: str) -> str:
        return str(self._scene.staff_key(*(each for each in self._scopes if each != scope))["token"])

    def _revoked(self) -> str:
        key = self._scene.staff_key("*")
        assert self._scene.staff.delete(f"/staff-keys/{key['id']}").is_success
        return str(key["token"])

    def _without_scopes(self) -> str:
        """Return a key that may do nothing. The API makes none; a row of the table may be one."""
        key = self._scene.staff_key("catalog:read")
        table = next(
            each["name"]
            for each in self._scene.control.get("/tables").json()["items"]
            if each["logical_id"] == "StaffTable"
        )
        client = boto3.client(
            "dynamodb",
            region_name=REGION,
            endpoint_url=self._scene.info["dynamodb_url"],
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        client.update_item(
            TableName=table,
            Key={"pk": {"S": "staff_keys"}, "sk": {"S": key["id"]}},
            UpdateExpression="SET scopes = :none",
            ExpressionAttributeValues={":none": {"S": ""}},
        )
        client.close()
        return str(key["token"])


@pytest.fixture(scope="session")
def strangers_of() -> Callable[[Scene], Strangers]:
    return cache(Strangers)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_every_operation_is_known_to_the_matrix_by_one_way_in() -> None:
    ways = (
        needs_staff_key,
        needs_order_token,
        needs_cart_id,
        lambda operation: operation.id in SIGNED_BY_STRIPE,
        lambda operation: operation.id in OPENED_BY_A_CODE,
        lambda operation: operation.id in FOR_EVERYBODY,
    )

    known = {each.id: sum(way(each) for way in ways) for each in operations().values()}

    assert known == dict.fromkeys(operations(), 1)


class TestStaff:
    """G11: an operation of the admin API opens to a living staff key with its scope, and to nothing else."""

    promise = "G11"
    chooses = staticmethod(needs_staff_key)

    def test_is_closed_to_everybody_else(
        self, operation: Operation, safe: Safe, strangers_of: Callable[[Scene], Strangers]
    ) -> None:
        strangers = strangers_of(safe.scene)
        places = ({}, safe.nowhere()) if operation.names else ({},)
        garbage = {name: bearer(token) for name, token in strangers.garbage().items()}
        lacking = {
            "a key with every scope but one": bearer(strangers.without(str(operation.scope))),
            "a key without scopes": bearer(strangers.without_scopes),
        }
        safe.watch()

        nobody = [safe.tried({}, **place) for place in places]
        unknown = {name: [safe.tried(headers, **place) for place in places] for name, headers in garbage.items()}
        known = {name: [safe.tried(headers, **place) for place in places] for name, headers in lacking.items()}

        assert [shown(answer) for answer in nobody] == [NO_KEY] * len(places)
        for name, answers in unknown.items():
            assert [shown(answer) for answer in answers] == [NOT_A_KEY] * len(places), name
        for name, answers in known.items():
            assert {refusal(answer) for answer in answers} == {(403, "request.forbidden")}, name
            assert len({str(shown(answer)) for answer in answers}) == 1, "what is there and what is not look the same"
        safe.check(*nobody, *chain.from_iterable([*unknown.values(), *known.values()]))

    def test_opens_to_its_scope_alone(self, operation: Operation, safe: Safe) -> None:
        key = bearer(safe.scene.staff_key(str(operation.scope))["token"])

        answer = safe.scene.send(operation, safe.request, key)

        assert answer.is_success, answer.text


class TestMiss:
    """G11: what is not there is not found, by whoever may look for it; nothing comes of it."""

    promise = "G11"
    chooses = staticmethod(can_miss)

    def test_is_a_404_without_effect(self, safe: Safe) -> None:
        safe.watch()

        answer = safe.tried(bearer(safe.scene.info["staff_key"]), **safe.nowhere())

        assert answer.status_code == 404, answer.text
        safe.check(answer)


class TestOrderToken:
    """G11: an order opens to its own token. To all others it is a miss."""

    promise = "G11"
    chooses = staticmethod(needs_order_token)

    def test_is_closed_to_everybody_else(self, operation: Operation, safe: Safe) -> None:
        own = safe.request.headers["Order-Token"]
        others = safe.scene.ordered(paid=False)["order_token"]
        tokens = {
            "nothing": {},
            "an empty token": {"Order-Token": ""},
            "no words": {"Order-Token": "garbage"},
            "another order's token": {"Order-Token": others},
            "the token with another key's name": {"Order-Token": f"k0.{own.partition('.')[2]}"},
            "the token with one letter changed": {"Order-Token": own[:-1] + ("A" if own[-1] != "A" else "B")},
            "the token as a staff key": bearer(own),
            "a staff key with every scope": bearer(safe.scene.info["staff_key"]),
        }
        safe.watch()

        foreign = {name: safe.tried(headers) for name, headers in tokens.items()}
        missing = {name: safe.tried(headers, **safe.nowhere()) for name, headers in tokens.items()}

        for name in tokens:
            assert refusal(foreign[name]) == (404, "orders.not_found"), name
            assert shown(foreign[name]) == shown(missing[name]), name
        safe.check(*foreign.values(), *missing.values())

    def test_opens_to_its_token(self, operation: Operation, safe: Safe) -> None:
        answer = safe.scene.send(operation, safe.request, {})

        assert answer.is_success
        assert CANARY in words(answer).lower(), "the owner reads what is theirs"


class TestCartId:
    """G11: a cart's id is its credential. What is like it opens nothing."""

    promise = "G11"
    chooses = staticmethod(needs_cart_id)

    def test_is_closed_to_everybody_else(self, operation: Operation, safe: Safe) -> None:
        own = safe.request.values["cart_id"]
        order = safe.scene.ordered(paid=False)
        ids = {
            "an id that names nothing": NOWHERE["cart_id"],
            "the id in capitals": own.upper(),
            "the id without its prefix": own.removeprefix("cart_"),
            "the id with one letter changed": own[:-1] + ("a" if own[-1] != "a" else "b"),
            "the id with a letter more": f"{own}a",
            "an order's id": order["order"]["id"],
            "the key of its row": f"cart.{own}",
        }
        safe.watch()
        send = partial(safe.tried, bearer(safe.scene.info["staff_key"]) | {"Order-Token": order["order_token"]})

        answers = {name: send(cart_id=cart_id) for name, cart_id in ids.items()}

        for name, answer in answers.items():
            assert refusal(answer) == (404, "carts.not_found"), name
            assert shown(answer) == shown(answers["an id that names nothing"]), name
        safe.check(*answers.values())

    def test_opens_to_its_id(self, operation: Operation, safe: Safe) -> None:
        answer = safe.scene.send(operation, safe.request, {})

        assert answer.is_success


class TestSignature:
    """G11: only what Stripe signed, lately and to the letter, is an event."""

    promise = "G11"
    chooses = staticmethod(lambda operation: operation.id in SIGNED_BY_STRIPE)

    def test_is_closed_to_everybody_else(self, operation: Operation, safe: Safe) -> None:
        payload = str(safe.request.raw)
        safe.watch()
        signatures = {
            "nothing": {},
            "no words": {"Stripe-Signature": "garbage"},
            "another secret's": safe.scene.signed(payload, secret="whsec_another"),
            "the publishable key's": safe.scene.signed(payload, secret=safe.scene.info["publishable_key"]),
            "another payload's": safe.scene.signed(payload + " "),
            "that of ten minutes ago": safe.scene.signed(payload, age_seconds=600),
            "a staff key": bearer(safe.scene.info["staff_key"]),
        }

        answers = {name: safe.tried(headers) for name, headers in signatures.items()}

        for name, answer in answers.items():
            assert refusal(answer) == (400, "webhooks.bad_signature"), name
        safe.check(*answers.values())


class TestCode:
    """G11: a gift card opens to its code. What was mistyped, and what never was, look the same."""

    promise = "G11"
    chooses = staticmethod(lambda operation: operation.id in OPENED_BY_A_CODE)

    def test_is_closed_to_everybody_else(self, operation: Operation, safe: Safe) -> None:
        own = safe.request.body["code"]
        codes = {
            "a code that never was": "0123-4567-89AB-CDEF",
            "the code with another last letter": own[:-1] + ("2" if own[-1] != "2" else "3"),
            "the code with one letter changed": own[:7] + ("2" if own[7] != "2" else "3") + own[8:],
            "the code of another key": "Z" + own[1:],
        }
        safe.watch()
        requests = {name: replace(safe.request, body={"code": code}) for name, code in codes.items()}

        answers = {name: safe.scene.send(operation, request, {}) for name, request in requests.items()}

        for name, answer in answers.items():
            assert refusal(answer) == (404, "giftcards.not_found"), name
            assert shown(answer) == shown(answers["a code that never was"]), name
        safe.check(*answers.values())

    def test_opens_to_its_code(self, operation: Operation, safe: Safe) -> None:
        answer = safe.scene.send(operation, safe.request, {})

        assert answer.is_success
        assert CANARY not in answer.text, "whose it is, and why, is not for whoever found the code"


class TestEverybody:
    """G11: what anybody may read holds nothing that belongs to somebody, and no draft."""

    promise = "G11"
    chooses = staticmethod(lambda operation: operation.id in FOR_EVERYBODY)

    def test_shows_nothing_that_belongs_to_somebody(self, operation: Operation, safe: Safe) -> None:
        safe.scene.new_draft()

        answer = safe.scene.send(operation, safe.request, {})

        assert answer.is_success
        assert CANARY not in answer.text.lower()


class TestDraft:
    """G11: what is not on sale looks to shoppers like what is not there."""

    promise = "G11"
    chooses = staticmethod(lambda operation: operation.id == "get_product")

    def test_looks_like_a_miss(self, safe: Safe) -> None:
        draft = safe.scene.new_draft()
        safe.watch()

        answers = [safe.tried({}, slug_or_id=name) for name in (draft["id"], draft["slug"], NOWHERE["slug_or_id"])]

        assert {refusal(answer) for answer in answers} == {(404, "catalog.product_not_found")}
        assert len({str(shown(answer)) for answer in answers}) == 1
        safe.check(*answers)


class TestRevocation:
    """G11: a key that was in use is refused a minute after its revocation at the latest."""

    promise = "G11"
    chooses = staticmethod(lambda operation: operation.id == "admin_list_orders")

    def test_ends_what_the_gateway_remembers(self, operation: Operation, safe: Safe) -> None:
        key = safe.scene.staff_key("orders:read")
        used = safe.tried(bearer(key["token"]))
        assert safe.scene.staff.delete(f"/staff-keys/{key['id']}").is_success

        safe.scene.tick(61)
        refused_then = safe.tried(bearer(key["token"]))

        assert used.is_success
        assert shown(refused_then) == NOT_A_KEY
