"""The command line, as a person uses it."""

import json
from collections.abc import Iterator

import boto3
import pytest

from commerce.adapters import bus, code_keys
from commerce.adapters.cloudformation import stack_environment
from commerce.adapters.ssm import signing_keys
from commerce.entrypoints import cli
from commerce.giftcards import ledger as gift_cards
from commerce.inventory import ledger
from commerce.inventory.ledger import Difference
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.outbox import announce
from commerce.kernel.transactions import commit
from commerce.staff import queries
from commerce.staff.events import StaffKeyRevoked
from tests.support.aws import REGION, forget_secrets
from tests.support.store import Store, running_store

SIGNING_KEYS = "/tradewind/signing-keys"
Output = pytest.CaptureFixture[str]


@pytest.fixture
def store() -> Iterator[Store]:
    with running_store(EVENT_BUS_NAME="bus") as running:
        yield running


class TestStaffKeys:
    def test_prints_nothing_but_the_token_to_standard_output(self, store: Store, capsys: Output) -> None:
        code = cli.main(["staff-key", "create", "--name", "Ada", "--scope", "orders:read", "--scope", "staff:write"])

        output = capsys.readouterr()
        assert code == 0
        actor = queries.authenticated(authorization=f"Bearer {output.out.strip()}")
        assert actor is not None
        assert actor.scopes == {"orders:read", "staff:write"}
        assert "never shown again" in output.err

    def test_lists_keys_without_secrets(self, store: Store, capsys: Output) -> None:
        cli.main(["staff-key", "create", "--name", "Ada", "--scope", "*"])
        token = capsys.readouterr().out.strip()

        assert cli.main(["staff-key", "list"]) == 0

        output = capsys.readouterr().out
        assert "Ada" in output
        assert "active" in output
        assert token.rpartition("_")[2] not in output

    def test_revokes_a_key(self, store: Store, capsys: Output) -> None:
        cli.main(["staff-key", "create", "--name", "Ada", "--scope", "*"])
        cli.main(["staff-key", "create", "--name", "Bob", "--scope", "*"])
        token = capsys.readouterr().out.split()[1]
        key_id = "key_" + token.split("_")[1]

        assert cli.main(["staff-key", "revoke", key_id]) == 0
        assert queries.authenticated(authorization=f"Bearer {token}") is None

    def test_fails_with_a_sentence_when_refused(self, store: Store, capsys: Output) -> None:
        cli.main(["staff-key", "create", "--name", "Ada", "--scope", "*"])
        key_id = "key_" + capsys.readouterr().out.split("_")[1]

        assert cli.main(["staff-key", "revoke", key_id]) == 1
        assert "last key that can manage staff keys" in capsys.readouterr().err
        assert cli.main(["staff-key", "revoke", "key_none"]) == 1
        assert "no such staff key" in capsys.readouterr().err

    def test_does_not_understand_an_unknown_scope_or_a_bad_name(self, store: Store, capsys: Output) -> None:
        with pytest.raises(SystemExit) as exit_:
            cli.main(["staff-key", "create", "--name", "Ada", "--scope", "shop:own"])
        assert exit_.value.code == 2
        assert cli.main(["staff-key", "create", "--name", "a\nb", "--scope", "*"]) == 2
        assert "name: " in capsys.readouterr().err
        assert store.items("staff") == []


class TestSigningKeys:
    def test_signs_with_the_new_key_and_still_verifies_with_the_old(self, store: Store, capsys: Output) -> None:
        before = signing_keys().sign("p", "m")

        assert cli.main(["signing-key", "rotate", "--no-wait"]) == 0

        forget_secrets()
        after = signing_keys()
        assert after.verifies("p", "m", before)
        assert after.sign("p", "m") != before
        assert [key.id for key in after.keys][1:] == ["k1"]
        assert after.keys[1].secret.decode() not in capsys.readouterr().err

    def test_waits_until_every_function_knows_the_key_before_it_signs(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[list[str]] = []

        def sleep(seconds: float) -> None:
            assert seconds >= 300
            text = boto3.client("ssm", region_name=REGION).get_parameter(Name=SIGNING_KEYS, WithDecryption=True)
            seen.append([key["id"] for key in json.loads(text["Parameter"]["Value"])])

        monkeypatch.setattr("time.sleep", sleep)

        cli.main(["signing-key", "rotate"])

        [[signing, verifying]] = seen
        assert signing == "k1"
        forget_secrets()
        assert [key.id for key in signing_keys().keys] == [verifying, "k1"]

    def test_forgets_all_but_one_old_key(self, store: Store) -> None:
        first = signing_keys().sign("p", "m")

        cli.main(["signing-key", "rotate", "--no-wait"])
        cli.main(["signing-key", "rotate", "--no-wait"])

        forget_secrets()
        assert len(signing_keys().keys) == 2
        assert not signing_keys().verifies("p", "m", first)


class TestStock:
    @staticmethod
    def differing(*answers: tuple[Difference, ...]) -> object:
        found = iter(answers)
        return lambda *, with_history: next(found)  # noqa: ARG005 - the audit's signature.

    def test_is_content_when_all_adds_up(self, store: Store, capsys: Output) -> None:
        assert cli.main(["stock", "verify"]) == 0
        assert "agree" in capsys.readouterr().err

    def test_prints_what_is_off_twice_and_fails(
        self, store: Store, capsys: Output, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lasting = Difference("MUG", "main", "available", expected=3, found=4)
        passing = Difference("TEE", "main", "available", expected=1, found=0)
        monkeypatch.setattr(ledger, "differences", self.differing((lasting, passing), (lasting,)))

        assert cli.main(["stock", "verify", "--wait", "0"]) == 1

        output = capsys.readouterr().out
        assert "MUG main: available is 4, expected 3" in output
        assert "TEE" not in output

    def test_passes_over_what_only_moved_meanwhile(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        passing = Difference("TEE", "main", "available", expected=1, found=0)
        monkeypatch.setattr(ledger, "differences", self.differing((passing,), ()))

        assert cli.main(["stock", "verify", "--wait", "0"]) == 0


class TestGiftCards:
    @staticmethod
    def differing(*answers: tuple[gift_cards.Difference, ...]) -> object:
        found = iter(answers)
        return lambda: next(found)

    def test_is_content_when_all_adds_up(self, store: Store, capsys: Output) -> None:
        assert cli.main(["gift-cards", "verify"]) == 0
        assert "agree" in capsys.readouterr().err

    def test_prints_what_is_off_twice_and_fails(
        self, store: Store, capsys: Output, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lasting = gift_cards.Difference("gc_a", "balance", expected=3, found=4)
        passing = gift_cards.Difference("gc_b", "balance", expected=1, found=0)
        monkeypatch.setattr(gift_cards, "differences", self.differing((lasting, passing), (lasting,)))

        assert cli.main(["gift-cards", "verify", "--wait", "0"]) == 1

        output = capsys.readouterr().out
        assert "gc_a: balance is 4, expected 3" in output
        assert "gc_b" not in output

    def test_adds_a_key_and_keeps_the_old_ones(self, store: Store, capsys: Output) -> None:
        [before] = code_keys.code_keys()

        assert cli.main(["gift-cards", "add-key"]) == 0

        forget_secrets()
        first, second = code_keys.code_keys()
        output = capsys.readouterr()
        assert first == before
        assert clock.text(second.since) in output.err
        assert second.secret.decode() not in output.out + output.err

    def test_refuses_to_settle_an_order_that_there_is_not(self, store: Store, capsys: Output) -> None:
        assert cli.main(["gift-cards", "settle", "ord_none"]) == 1
        assert "no such order" in capsys.readouterr().err


class TestEvents:
    @staticmethod
    def announce() -> None:
        call = system_call(worker="test", now=clock.now())
        event = StaffKeyRevoked(key_id="key_x", name="x")
        commit([announce(event, aggregate="staff_key#x", sequence=1, call=call)])

    def test_sends_again_what_is_overdue(self, store: Store, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bus, "put", lambda entries: [None for _ in entries])
        self.announce()
        clock.set_offset(130)

        assert cli.main(["events", "republish"]) == 0
        assert "1 events were sent again" in capsys.readouterr().err

    def test_fails_when_the_bus_refuses(self, store: Store, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bus, "put", lambda entries: ["InternalFailure" for _ in entries])
        self.announce()
        clock.set_offset(130)

        assert cli.main(["events", "republish"]) == 1
        assert "did not take 1 events" in capsys.readouterr().err


class TestStack:
    TEMPLATE = json.dumps(
        {
            "Resources": {
                "StaffTable": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {
                        "BillingMode": "PAY_PER_REQUEST",
                        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                    },
                },
                "EventBus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "the-bus"}},
            }
        }
    )

    def test_finds_tables_and_bus_by_the_stack(self, store: Store) -> None:
        client = boto3.client("cloudformation", region_name=REGION)
        client.create_stack(StackName="tradewind", TemplateBody=self.TEMPLATE)

        found = stack_environment("tradewind")

        assert found["STAFF_TABLE"].startswith("tradewind-StaffTable")
        assert "EVENT_BUS_NAME" in found  # moto gives a bus no physical id.
        assert found["SIGNING_KEYS_NAME"] == "/tradewind/tradewind/signing-keys"

    def test_says_when_there_is_no_such_stack(self, store: Store, capsys: Output) -> None:
        assert cli.main(["--stack", "nope", "staff-key", "list"]) == 1
        assert "'nope' could not be read" in capsys.readouterr().err

    def test_says_what_is_not_configured(self, capsys: Output) -> None:
        with running_store(STAFF_TABLE=""):
            assert cli.main(["staff-key", "revoke", "key_x"]) == 2
        assert "STAFF_TABLE is not set" in capsys.readouterr().err


class TestHelp:
    @pytest.mark.parametrize("arguments", [["--help"], ["staff-key", "create", "--help"], ["stock", "verify", "-h"]])
    def test_helps(self, arguments: list[str], capsys: Output) -> None:
        with pytest.raises(SystemExit) as exit_:
            cli.main(arguments)

        assert exit_.value.code == 0
        assert "usage: python -m commerce.entrypoints.cli" in capsys.readouterr().out

    @pytest.mark.parametrize("arguments", [[], ["staff-key"], ["signing-key", "turn"], ["stock", "verify", "--wait"]])
    def test_shows_the_usage_when_it_does_not_understand(self, arguments: list[str], capsys: Output) -> None:
        with pytest.raises(SystemExit) as exit_:
            cli.main(arguments)

        assert exit_.value.code == 2
        assert "usage:" in capsys.readouterr().err
