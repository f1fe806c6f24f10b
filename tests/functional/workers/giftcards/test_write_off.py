"""Every day: what is left on cards that expired 90 days ago is written off."""

from typing import Any

from commerce.giftcards import ledger, operations
from commerce.giftcards.model import Card, TenderPart
from commerce.giftcards.records import AccountRecord
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.reads import get
from commerce.kernel.transactions import commit
from tests.support.calls import counted
from tests.support.store import Store

DAY = 24 * 3600
WORKER = "giftcards/write_off_gift_cards"


def issue(store: Store, amount: int = 5000, *, in_days: int | None = 30) -> dict[str, Any]:
    body: dict[str, Any] = {"amount": {"amount": amount, "currency": "USD"}}
    if in_days is not None:
        body["expires_at"] = clock.text(clock.from_epoch(clock.epoch(clock.now()) + in_days * DAY))
    answer = store.post("/v1/admin/gift-cards", body)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def look(store: Store, card: dict[str, Any]) -> Any:
    return store.get(f"/v1/admin/gift-cards/{card['id']}").body


def stored(card: dict[str, Any]) -> Card:
    record = get(AccountRecord, card["id"], "account")
    assert record is not None
    return record.card()


def paid(card: dict[str, Any], amount: int, order_id: str = "ord_1") -> TenderPart:
    """Let a card pay for an order."""
    now = stored(card)
    part = TenderPart(account_id=now.id, kind=now.kind, label=now.label, amount=amount)
    call = system_call(worker="test", now=clock.now())
    commit(operations.redeemed(parts=[part], cards=[now], order_id=order_id, call=call))
    return part


def refunded(part: TenderPart, refund_id: str = "ref_1") -> None:
    call = system_call(worker="test", now=clock.now())
    commit(operations.refunded(parts=[part], refund_id=refund_id, order_id="ord_1", call=call))


class TestWriteOff:
    def test_waits_for_ninety_days(self, store: Store) -> None:
        card = issue(store, in_days=30)

        store.tick(119 * DAY)
        early = store.invoke(WORKER)
        store.tick(2 * DAY)
        late = store.invoke(WORKER)

        assert (early, late) == ({"written_off": 0, "failed": 0}, {"written_off": 1, "failed": 0})
        shown = look(store, card)
        assert shown["balance"]["amount"] == 0
        assert [(entry["kind"], entry["amount"]["amount"]) for entry in shown["items"]] == [
            ("expire", -5000),
            ("issue", 5000),
        ]
        assert [item["type"]["S"] for item in store.items("outbox")].count("giftcards.expired") == 1
        assert ledger.differences() == ()

    def test_happens_once(self, store: Store) -> None:
        issue(store)
        store.tick(200 * DAY)
        store.invoke(WORKER)

        assert store.invoke(WORKER) == {"written_off": 0, "failed": 0}

    def test_leaves_alone_what_never_expires(self, store: Store) -> None:
        card = issue(store, in_days=None)
        store.tick(40_000 * DAY)

        assert store.invoke(WORKER) == {"written_off": 0, "failed": 0}
        assert look(store, card)["balance"]["amount"] == 5000

    def test_of_an_empty_card_writes_no_entry(self, store: Store) -> None:
        card = issue(store)
        paid(card, 5000)
        store.tick(200 * DAY)

        store.invoke(WORKER)

        assert [entry["kind"] for entry in look(store, card)["items"]] == ["redeem", "issue"]
        assert store.invoke(WORKER) == {"written_off": 0, "failed": 0}

    def test_does_not_take_what_came_back_meanwhile(self, store: Store) -> None:
        card = issue(store, in_days=30)
        part = paid(card, 2000)
        store.tick(200 * DAY)
        refunded(part)

        store.invoke(WORKER)

        shown = look(store, card)
        assert (shown["balance"]["amount"], shown["spent"]["amount"]) == (5000, 0)

    def test_takes_what_came_back_after_it_when_that_has_expired_too(self, store: Store) -> None:
        card = issue(store, in_days=30)
        part = paid(card, 2000)
        store.tick(200 * DAY)
        store.invoke(WORKER)
        refunded(part)
        usable = store.post("/v1/gift-cards/balance", {"code": card["code"]}).body

        store.tick((365 + 91) * DAY)
        counts = store.invoke(WORKER)

        assert (usable["status"], usable["balance"]["amount"]) == ("active", 2000)
        assert counts == {"written_off": 1, "failed": 0}
        assert look(store, card)["balance"]["amount"] == 0
        assert ledger.differences() == ()

    def test_of_one_that_fails_lets_the_others_be_done(self, store: Store) -> None:
        first, second = issue(store), issue(store)
        store.dynamodb.update_item(
            TableName="test-gift_cards",
            Key={"pk": {"S": first["id"]}, "sk": {"S": "account"}},
            UpdateExpression="SET kind = :odd",
            ExpressionAttributeValues={":odd": {"S": "coupon"}},
        )
        store.tick(200 * DAY)

        assert store.invoke(WORKER) == {"written_off": 1, "failed": 1}
        assert look(store, second)["balance"]["amount"] == 0

    def test_with_nothing_to_do_takes_one_query(self, store: Store) -> None:
        issue(store)

        with counted(store) as calls:
            store.invoke(WORKER)

        assert calls == {"Query": 1}
