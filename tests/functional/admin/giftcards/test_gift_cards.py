"""What staff do with gift cards and store credit: issue, look, adjust, disable."""

import json
from typing import Any

import pytest

from commerce.giftcards import ledger
from tests.support.calls import counted
from tests.support.store import Answer, Store

CARDS = "/v1/admin/gift-cards"


def money(amount: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def issue(store: Store, amount: int = 5000, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
    answer = store.post(CARDS, {"amount": money(amount), **more}, headers=headers or {})
    assert answer.status == 201, answer.body
    return answer.body


def look(store: Store, card: dict[str, Any], query: str = "") -> Any:
    answer = store.get(f"{CARDS}/{card['id']}{query}")
    assert answer.status == 200, answer.body
    return answer.body


def adjust(store: Store, card: dict[str, Any], delta: int, query: str = "", **more: Any) -> Answer:
    headers = more.pop("headers", {})
    body = {"delta": delta, "reason": "a scratched mug", **more}
    return store.post(f"{CARDS}/{card['id']}/adjustments{query}", body, headers=headers)


def disable(store: Store, card: dict[str, Any], **options: Any) -> Answer:
    return store.post(f"{CARDS}/{card['id']}/disable", {"reason": "lost"}, **options)


def announced(store: Store) -> list[str]:
    rows = [(item["pk"]["S"], item["sk"]["S"], item["type"]["S"]) for item in store.items("outbox")]
    return [kind for _, _, kind in sorted(rows) if kind.startswith("giftcards.")]


class TestIssue:
    def test_shows_the_code_and_stores_it_nowhere(self, store: Store) -> None:
        card = issue(store, 5000, note="for the fair")

        code = card["code"]
        assert len(code) == 19
        assert card["label"] == f"•••• {code[-4:]}"
        assert (card["kind"], card["state"], card["version"]) == ("gift_card", "active", 1)
        assert (card["initial"], card["balance"], card["spent"]) == (money(5000), money(5000), money(0))
        assert (card["expires_at"], card["email"], card["note"]) == (None, None, "for the fair")
        assert card["issued_by"] == "staff:key_test"
        stored = json.dumps([store.items(table) for table in ("gift_cards", "outbox", "idempotency")])
        assert code not in stored
        assert code.replace("-", "") not in stored

    def test_makes_each_card_another_code(self, store: Store) -> None:
        assert len({issue(store)["code"] for _ in range(20)}) == 20

    def test_gives_a_repeat_the_same_card_and_code(self, store: Store) -> None:
        key = {"Idempotency-Key": "k-1"}
        first = issue(store, headers=key)

        again = store.post(CARDS, {"amount": money(5000)}, headers=key)

        assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert again.body == first
        assert len(store.get(CARDS).body["items"]) == 1

    def test_never_shows_the_code_again_otherwise(self, store: Store) -> None:
        card = issue(store)

        shown = json.dumps([look(store, card), store.get(CARDS).body, adjust(store, card, 5).body])

        assert card["code"] not in shown

    def test_writes_the_first_line_of_the_ledger_and_tells_of_it(self, store: Store) -> None:
        card = issue(store, 5000, note="for the fair")

        [entry] = look(store, card)["items"]
        assert entry["kind"] == "issue"
        assert (entry["sequence"], entry["amount"], entry["balance_after"]) == (1, money(5000), money(5000))
        assert (entry["note"], entry["actor"]) == ("for the fair", "staff:key_test")
        assert announced(store) == ["giftcards.issued"]
        assert ledger.differences() == ()

    def test_of_store_credit_names_its_owner(self, store: Store) -> None:
        card = issue(store, kind="store_credit", email="ada@example.com")

        assert (card["kind"], card["email"]) == ("store_credit", "ada@example.com")

    @pytest.mark.parametrize("more", [{"kind": "store_credit"}, {"send_mail": True}])
    def test_needs_an_address_where_somebody_is_meant(self, store: Store, more: dict[str, Any]) -> None:
        answer = store.post(CARDS, {"amount": money(5000), **more})

        assert (answer.status, answer.code) == (422, "giftcards.recipient_missing")
        assert answer.body["errors"][0]["param"] == "email"
        assert store.items("gift_cards") == []

    def test_ends_when_staff_say_so(self, store: Store) -> None:
        card = issue(store, expires_at="2099-12-31T23:00:00+01:00")

        assert card["expires_at"] == "2099-12-31T22:00:00.000Z"

    @pytest.mark.parametrize("moment", ["2020-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59"])
    def test_does_not_end_before_it_begins_nor_in_another_age(self, store: Store, moment: str) -> None:
        answer = store.post(CARDS, {"amount": money(5000), "expires_at": moment})

        assert (answer.status, answer.code) == (422, "giftcards.expiry_in_the_past")

    def test_of_a_dry_run_issues_nothing(self, store: Store) -> None:
        answer = store.post(f"{CARDS}?dry_run=true", {"amount": money(5000)})

        assert (answer.status, answer.body["dry_run"], answer.body["code"]) == (201, True, None)
        assert answer.body["balance"] == money(5000)
        assert store.items("gift_cards") == store.items("outbox") == []

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"amount": money(0)}, "amount"),
            ({"amount": money(-1)}, "amount"),
            ({"amount": money(100_000_000)}, "amount"),
            ({"amount": money(1, "XXQ")}, "amount.currency"),
            ({"amount": {"amount": 1.5, "currency": "USD"}}, "amount.amount"),
            ({}, "amount"),
            ({"amount": money(1), "kind": "voucher"}, "kind"),
            ({"amount": money(1), "expires_at": 4102444800}, "expires_at"),
            ({"amount": money(1), "expires_at": "4102444800"}, "expires_at"),
            ({"amount": money(1), "expires_at": "2099-01-01"}, "expires_at"),
            ({"amount": money(1), "expires_at": "2099-01-01T00:00:00"}, "expires_at"),
            ({"amount": money(1), "expires_at": "2099-02-30T00:00:00Z"}, "expires_at"),
            ({"amount": money(1), "email": "nobody"}, "email"),
            ({"amount": money(1), "note": "two\nlines"}, "note"),
            ({"amount": money(1), "code": "0000-0000-0000-0000"}, "code"),
            ({"amount": money(1), "balance": money(1)}, "balance"),
        ],
    )
    def test_says_which_field_is_wrong(self, store: Store, body: dict[str, Any], param: str) -> None:
        answer = store.post(CARDS, body)

        assert (answer.status, answer.code) == (422, "request.invalid")
        assert param in [fault["param"] for fault in answer.body["errors"]]
        assert store.items("gift_cards") == []

    @pytest.mark.parametrize("currency", ["JPY", "KWD", "ISK"])
    def test_counts_in_the_currency_s_own_units(self, store: Store, currency: str) -> None:
        card = store.post(CARDS, {"amount": money(12_345, currency)}).body

        assert look(store, card)["balance"] == money(12_345, currency)


class TestAdjust:
    def test_adds_and_takes_away(self, store: Store) -> None:
        card = issue(store, 5000)

        more = adjust(store, card, 700)
        less = adjust(store, card, -1700)

        assert (more.status, more.body["balance"], more.body["version"]) == (201, money(5700), 2)
        assert (less.status, less.body["balance"], less.body["version"]) == (201, money(4000), 3)
        assert less.body["initial"] == money(5000)
        assert less.headers["ETag"] == '"3"'
        kinds = [(entry["kind"], entry["amount"]["amount"]) for entry in look(store, card)["items"]]
        assert kinds == [("adjust", -1700), ("adjust", 700), ("issue", 5000)]
        assert announced(store) == ["giftcards.issued", "giftcards.adjusted", "giftcards.adjusted"]
        assert ledger.differences() == ()

    def test_takes_the_last_unit_and_not_one_more(self, store: Store) -> None:
        card = issue(store, 5000)

        refused = adjust(store, card, -5001)
        emptied = adjust(store, card, -5000)

        assert (refused.status, refused.code) == (409, "giftcards.insufficient_balance")
        assert refused.body["errors"][0]["param"] == "delta"
        assert emptied.body["balance"] == money(0)
        assert (adjust(store, card, -1).status, adjust(store, card, 1).status) == (409, 201)

    def test_puts_no_more_on_a_card_than_an_order_can_cost(self, store: Store) -> None:
        card = issue(store, 99_999_999)

        answer = adjust(store, card, 1)

        assert (answer.status, answer.code) == (422, "giftcards.balance_too_large")

    def test_refuses_who_saw_another_balance(self, store: Store) -> None:
        card = issue(store, 5000)
        adjust(store, card, 1)

        stale = adjust(store, card, 1, expected_balance=5000)
        fresh = adjust(store, card, 1, expected_balance=5001)

        assert (stale.status, stale.code, stale.body["balance"]) == (409, "giftcards.stale_balance", 5001)
        assert (fresh.status, fresh.body["balance"]) == (201, money(5002))

    def test_refuses_who_saw_another_version(self, store: Store) -> None:
        card = issue(store, 5000)
        adjust(store, card, 1)

        stale = adjust(store, card, 1, headers={"If-Match": '"1"'})
        fresh = adjust(store, card, 1, headers={"If-Match": '"2"'})

        assert (stale.status, stale.code) == (412, "request.stale_version")
        assert fresh.status == 201

    def test_counts_once_for_one_key(self, store: Store) -> None:
        card, key = issue(store, 5000), {"Idempotency-Key": "k-1"}

        first = adjust(store, card, 700, headers=key)
        again = adjust(store, card, 700, headers=key)
        other = adjust(store, card, 701, headers=key)

        assert (first.status, again.status, again.body) == (201, 201, first.body)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (other.status, other.code) == (422, "idempotency.key_reused")
        assert look(store, card)["balance"] == money(5700)

    def test_of_a_dry_run_changes_nothing(self, store: Store) -> None:
        card = issue(store, 5000)

        shown = adjust(store, card, -700, "?dry_run=true")
        refused = adjust(store, card, -5001, "?dry_run=true")

        assert (shown.status, shown.body["balance"], shown.body["dry_run"]) == (201, money(4300), True)
        assert refused.status == 409
        assert look(store, card)["version"] == 1

    @pytest.mark.parametrize("body", [{"delta": 0}, {"delta": 100_000_000}, {"delta": 1.5}, {"delta": "1"}, {}])
    def test_says_what_is_wrong_with_the_difference(self, store: Store, body: dict[str, Any]) -> None:
        card = issue(store)

        answer = store.post(f"{CARDS}/{card['id']}/adjustments", {"reason": "x", **body})

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, "delta")

    def test_of_a_card_that_never_was_is_a_miss(self, store: Store) -> None:
        answer = adjust(store, {"id": "gc_aaaaaaaaaaaaaaaaaaaaaaaaaa"}, 1)

        assert (answer.status, answer.code) == (404, "giftcards.not_found")


class TestDisable:
    def test_lets_the_card_pay_no_more_and_keeps_its_balance(self, store: Store) -> None:
        card = issue(store, 5000)

        answer = disable(store, card)

        assert answer.status == 200
        assert (answer.body["state"], answer.body["balance"]) == ("disabled", money(5000))
        assert answer.body["disabled_reason"] == "lost"
        balance = store.post("/v1/gift-cards/balance", {"code": card["code"]}).body
        assert balance["status"] == "disabled"
        [entry, _] = look(store, card)["items"]
        assert (entry["kind"], entry["amount"], entry["note"]) == ("disable", money(0), "lost")
        assert announced(store) == ["giftcards.issued", "giftcards.disabled"]
        assert ledger.differences() == ()

    def test_again_changes_nothing(self, store: Store) -> None:
        card = issue(store)
        first = disable(store, card).body

        again = disable(store, card, headers={"Idempotency-Key": "k-1"})

        assert (again.status, again.body) == (200, first)
        assert announced(store) == ["giftcards.issued", "giftcards.disabled"]

    def test_refuses_who_saw_another_version(self, store: Store) -> None:
        card = issue(store)
        adjust(store, card, 1)

        assert disable(store, card, headers={"If-Match": '"1"'}).status == 412
        assert look(store, card)["state"] == "active"


class TestLook:
    def test_shows_the_ledger_page_by_page_the_newest_first(self, store: Store) -> None:
        card = issue(store, 5000)
        for delta in range(1, 6):
            adjust(store, card, delta)

        pages, query = [], "?limit=4"
        while query:
            page = look(store, card, query)
            pages.append([entry["amount"]["amount"] for entry in page["items"]])
            query = f"?limit=4&cursor={page['next_cursor']}" if page["next_cursor"] else ""

        assert pages == [[5, 4, 3, 2], [1, 5000]]

    def test_shows_one_card_s_entries_only(self, store: Store) -> None:
        card, other = issue(store, 1), issue(store, 2)

        assert [len(look(store, each)["items"]) for each in (card, other)] == [1, 1]

    def test_refuses_another_card_s_cursor(self, store: Store) -> None:
        card, other = issue(store), issue(store)
        adjust(store, card, 1)
        cursor = look(store, card, "?limit=1")["next_cursor"]

        answer = store.get(f"{CARDS}/{other['id']}?cursor={cursor}")

        assert (answer.status, answer.code) == (422, "request.bad_cursor")

    def test_lists_cards_by_state_the_newest_first(self, store: Store) -> None:
        first, second, third = issue(store, 1), issue(store, 2), issue(store, 3)
        disable(store, second)

        active = store.get(CARDS).body["items"]
        disabled = store.get(f"{CARDS}?state=disabled").body["items"]

        assert [card["id"] for card in active] == [third["id"], first["id"]]
        assert [card["id"] for card in disabled] == [second["id"]]

    def test_lists_page_by_page(self, store: Store) -> None:
        issued = [issue(store, amount)["id"] for amount in range(1, 6)]

        first = store.get(f"{CARDS}?limit=3").body
        rest = store.get(f"{CARDS}?limit=3&cursor={first['next_cursor']}").body

        assert [card["id"] for card in first["items"] + rest["items"]] == issued[::-1]
        assert rest["next_cursor"] is None

    def test_needs_the_scope(self, store: Store) -> None:
        card = issue(store)
        store.staff_scopes = "giftcards:read"

        assert (look(store, card)["id"], store.get(CARDS).status) == (card["id"], 200)
        assert store.post(CARDS, {"amount": money(1)}).status == 403
        assert (adjust(store, card, 1).status, disable(store, card).status) == (403, 403)
        store.staff_scopes = "orders:read giftcards:write"
        assert (store.get(CARDS).status, store.get(f"{CARDS}/{card['id']}").status) == (403, 403)


class TestCalls:
    def test_are_few(self, store: Store) -> None:
        card = issue(store)

        with counted(store) as issued:
            issue(store)
        with counted(store) as shown:
            look(store, card)
        with counted(store) as listed:
            store.get(CARDS)
        with counted(store) as adjusted:
            adjust(store, card, 1)
        with counted(store) as disabled:
            disable(store, card)

        assert issued == {"TransactWriteItems": 1}
        assert shown == {"GetItem": 1, "Query": 1}
        assert listed == {"Query": 1}
        assert adjusted == disabled == {"GetItem": 2, "TransactWriteItems": 1}
