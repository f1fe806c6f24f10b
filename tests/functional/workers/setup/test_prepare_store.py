"""The custom resource that a deploy waits for."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest

from commerce.adapters.ssm import signing_keys
from commerce.entrypoints import custom_resource
from commerce.kernel.errors import Unavailable
from commerce.staff import operations as staff
from commerce.staff import queries
from tests.support.aws import REGION, forget_secrets
from tests.support.logs import logged
from tests.support.store import Store, running_store

SECRET_KEY = "/tradewind/stripe-secret-key"
WEBHOOK_SECRET = "/tradewind/stripe-webhook-secret"
SIGNING_KEYS = "/tradewind/signing-keys"
GIFT_CARD_KEYS = "/tradewind/gift-card-keys"
FIRST_KEY = "/tradewind/first-staff-key"


class Waiting:
    """CloudFormation, waiting at an address for the answer."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []
        self.failures_left = 0
        waiting = self

        class Receiver(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if waiting.failures_left:
                    waiting.failures_left -= 1
                    self.send_response(503)
                else:
                    waiting.answers.append(json.loads(body))
                    waiting.content_types.append(self.headers.get("Content-Type"))
                    self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self._server.server_port}/answer?signature=s3cret"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def cloudformation() -> Iterator[Waiting]:
    waiting = Waiting()
    yield waiting
    waiting.stop()


def set_parameter(name: str, value: str) -> None:
    boto3.client("ssm", region_name=REGION).put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def delete_parameter(name: str) -> None:
    boto3.client("ssm", region_name=REGION).delete_parameter(Name=name)


def parameter(name: str) -> str:
    ssm = boto3.client("ssm", region_name=REGION)
    answer = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert answer["Type"] == "SecureString"
    return answer["Value"]


@pytest.fixture
def store() -> Iterator[Store]:
    with running_store(STAGE="prod") as running:
        delete_parameter(SIGNING_KEYS)
        delete_parameter(GIFT_CARD_KEYS)
        set_parameter(WEBHOOK_SECRET, "whsec_0123456789abcdef0123456789abcdef")
        yield running


def send(store: Store, cloudformation: Waiting, kind: str = "Create", **more: Any) -> dict[str, Any]:
    event = {
        "RequestType": kind,
        "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:prepare",
        "ResponseURL": cloudformation.url,
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/tradewind/x",
        "RequestId": "request-1",
        "LogicalResourceId": "PreparedStore",
        "ResourceType": "Custom::PreparedStore",
        "ResourceProperties": {"ServiceToken": "x"},
    }
    store.invoke("setup/prepare_store", event | more)
    return cloudformation.answers[-1]


class TestCreate:
    def test_makes_signing_keys_that_work(self, store: Store, cloudformation: Waiting) -> None:
        answer = send(store, cloudformation)

        assert answer["Status"] == "SUCCESS"
        [key] = json.loads(parameter(SIGNING_KEYS))
        assert set(key) == {"id", "secret"}
        assert len(key["secret"]) >= 43
        forget_secrets()
        assert signing_keys().verifies("p", "m", signing_keys().sign("p", "m"))

    def test_makes_a_key_for_gift_card_codes_once(self, store: Store, cloudformation: Waiting) -> None:
        send(store, cloudformation)
        before = parameter(GIFT_CARD_KEYS)

        send(store, cloudformation, "Update", PhysicalResourceId="prepared-store")

        [key] = json.loads(before)
        assert (set(key), key["since"]) == ({"secret", "since"}, "1970-01-01T00:00:00.000Z")
        assert parameter(GIFT_CARD_KEYS) == before

    def test_makes_a_first_staff_key_that_lets_in_with_every_scope(self, store: Store, cloudformation: Waiting) -> None:
        send(store, cloudformation)

        actor = queries.authenticated(authorization=f"Bearer {parameter(FIRST_KEY)}")
        assert actor is not None
        assert actor.scopes == {"*"}
        assert [item["type"]["S"] for item in store.items("outbox")] == ["staff.key_created"]

    def test_answers_what_cloudformation_asked(self, store: Store, cloudformation: Waiting) -> None:
        answer = send(store, cloudformation)

        assert answer == {
            "Status": "SUCCESS",
            "PhysicalResourceId": "prepared-store",
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/tradewind/x",
            "RequestId": "request-1",
            "LogicalResourceId": "PreparedStore",
            "Data": {"FirstStaffKeyName": FIRST_KEY, "SigningKeysName": SIGNING_KEYS},
        }
        assert cloudformation.content_types == [""]

    def test_tells_no_secret_in_answer_or_log(self, store: Store, cloudformation: Waiting) -> None:
        with logged() as log:
            answer = send(store, cloudformation)

        told = json.dumps(answer) + log.getvalue()
        [key] = json.loads(parameter(SIGNING_KEYS))
        for secret in (parameter(FIRST_KEY).rpartition("_")[2], key["secret"], "sk_test_local", "s3cret"):
            assert secret not in told


class TestRepeat:
    @pytest.mark.parametrize("kind", ["Create", "Update"])
    def test_changes_nothing(self, store: Store, cloudformation: Waiting, kind: str) -> None:
        send(store, cloudformation)
        before = (parameter(SIGNING_KEYS), parameter(FIRST_KEY), store.items("staff"), store.items("outbox"))

        answer = send(store, cloudformation, kind, PhysicalResourceId="prepared-store")

        assert answer["Status"] == "SUCCESS"
        assert answer["PhysicalResourceId"] == "prepared-store"
        assert before == (parameter(SIGNING_KEYS), parameter(FIRST_KEY), store.items("staff"), store.items("outbox"))

    def test_mends_a_crash_between_the_parameter_and_the_row(
        self, store: Store, cloudformation: Waiting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(**_: Any) -> None:
            raise Unavailable

        monkeypatch.setattr(staff, "register_first_key", dies)
        assert send(store, cloudformation)["Status"] == "FAILED"
        monkeypatch.undo()
        token = parameter(FIRST_KEY)
        assert store.items("staff") == []

        assert send(store, cloudformation)["Status"] == "SUCCESS"
        assert parameter(FIRST_KEY) == token
        assert queries.authenticated(authorization=f"Bearer {token}") is not None

    def test_does_not_bring_a_revoked_key_back(self, store: Store, cloudformation: Waiting) -> None:
        send(store, cloudformation)
        token = parameter(FIRST_KEY)
        store.post("/v1/admin/staff-keys", {"name": "other", "scopes": ["*"]})
        key_id = "key_" + token.split("_")[1]
        assert store.delete(f"/v1/admin/staff-keys/{key_id}").status == 200

        assert send(store, cloudformation, "Update")["Status"] == "SUCCESS"
        assert queries.authenticated(authorization=f"Bearer {token}") is None

    def test_makes_no_second_key_after_the_merchant_took_the_first(self, store: Store, cloudformation: Waiting) -> None:
        send(store, cloudformation)
        delete_parameter(FIRST_KEY)

        assert send(store, cloudformation, "Update")["Status"] == "SUCCESS"
        with pytest.raises(boto3.client("ssm", region_name=REGION).exceptions.ParameterNotFound):
            parameter(FIRST_KEY)
        assert len(store.items("staff")) == 1

    def test_refuses_a_parameter_that_holds_something_else(self, store: Store, cloudformation: Waiting) -> None:
        set_parameter(FIRST_KEY, "my notes")

        answer = send(store, cloudformation)

        assert answer["Status"] == "FAILED"
        assert FIRST_KEY in answer["Reason"]
        assert "my notes" not in answer["Reason"]


class TestDelete:
    def test_keeps_everything(self, store: Store, cloudformation: Waiting) -> None:
        send(store, cloudformation)
        before = (parameter(SIGNING_KEYS), parameter(FIRST_KEY), store.items("staff"))

        answer = send(store, cloudformation, "Delete", PhysicalResourceId="prepared-store")

        assert answer["Status"] == "SUCCESS"
        assert before == (parameter(SIGNING_KEYS), parameter(FIRST_KEY), store.items("staff"))

    def test_succeeds_after_a_create_that_failed(self, store: Store, cloudformation: Waiting) -> None:
        delete_parameter(SECRET_KEY)
        assert send(store, cloudformation)["Status"] == "FAILED"

        assert send(store, cloudformation, "Delete")["Status"] == "SUCCESS"


class TestConfiguration:
    @pytest.mark.parametrize("name", [SECRET_KEY, WEBHOOK_SECRET])
    def test_fails_clearly_without_a_stripe_parameter(self, store: Store, cloudformation: Waiting, name: str) -> None:
        delete_parameter(name)

        answer = send(store, cloudformation)

        assert answer["Status"] == "FAILED"
        assert f"'{name}' is missing or empty" in answer["Reason"]
        assert store.items("staff") == []

    @pytest.mark.parametrize("value", [" ", "whsec_", "whsec_short", "secret", "whsec_0123456789abcdef0123,", ","])
    def test_refuses_a_webhook_secret_that_is_none(self, store: Store, cloudformation: Waiting, value: str) -> None:
        set_parameter(WEBHOOK_SECRET, value)

        answer = send(store, cloudformation)

        assert answer["Status"] == "FAILED"
        assert WEBHOOK_SECRET in answer["Reason"]

    def test_takes_two_webhook_secrets_while_one_is_rolled(self, store: Store, cloudformation: Waiting) -> None:
        set_parameter(WEBHOOK_SECRET, "whsec_0123456789abcdef0123, whsec_fedcba9876543210fedc")

        assert send(store, cloudformation)["Status"] == "SUCCESS"

    @pytest.mark.parametrize("value", ["pk_test_x", "sk_tset_x", "hello", "whsec_0123456789abcdef0123"])
    def test_refuses_a_secret_key_that_is_none(self, store: Store, cloudformation: Waiting, value: str) -> None:
        set_parameter(SECRET_KEY, value)

        answer = send(store, cloudformation)

        assert answer["Status"] == "FAILED"
        assert "no Stripe secret key" in answer["Reason"]
        assert value not in answer["Reason"]

    @pytest.mark.parametrize("stage", ["test", "dev", "dev-ada", "test2", "local"])
    @pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc"])
    def test_refuses_a_live_key_where_people_play(self, cloudformation: Waiting, stage: str, key: str) -> None:
        with running_store(STAGE=stage) as store:
            set_parameter(SECRET_KEY, key)

            answer = send(store, cloudformation)

        assert answer["Status"] == "FAILED"
        assert "live Stripe key" in answer["Reason"]
        assert key not in answer["Reason"]

    def test_refuses_keys_of_different_modes(self, store: Store, cloudformation: Waiting) -> None:
        set_parameter(SECRET_KEY, "sk_live_abc")

        answer = send(store, cloudformation)

        assert answer["Status"] == "FAILED"
        assert "publishable key is a test key and the secret key is a live key" in answer["Reason"]

    def test_takes_live_keys_in_production(self, cloudformation: Waiting) -> None:
        with running_store(STAGE="prod", STRIPE_PUBLISHABLE_KEY="pk_live_x") as store:
            set_parameter(SECRET_KEY, "sk_live_abc")
            set_parameter(WEBHOOK_SECRET, "whsec_0123456789abcdef0123")

            assert send(store, cloudformation)["Status"] == "SUCCESS"


class TestAnswer:
    def test_comes_also_after_a_bug(
        self, store: Store, cloudformation: Waiting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def breaks(**_: Any) -> None:
            raise ZeroDivisionError("secret detail")

        monkeypatch.setattr(staff, "register_first_key", breaks)

        answer = send(store, cloudformation)

        assert answer["Status"] == "FAILED"
        assert answer["Reason"].startswith("ZeroDivisionError; the log of request req_")
        assert "secret detail" not in answer["Reason"]

    def test_is_sent_again_until_it_arrives(self, store: Store, cloudformation: Waiting) -> None:
        cloudformation.failures_left = 2

        assert send(store, cloudformation)["Status"] == "SUCCESS"

    def test_goes_to_http_addresses_alone(self) -> None:
        with pytest.raises(ValueError, match="no HTTP address"):
            custom_resource._send("file:///etc/passwd", {})
