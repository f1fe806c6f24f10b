"""Exchange rates, as staff reads and writes them."""

from typing import Any

import pytest

from tests.support.calls import counted
from tests.support.pricing import RATES
from tests.support.store import Answer, Store


def put_rate(store: Store, currency: str = "JPY", *, headers: dict[str, str] | None = None, **body: Any) -> Answer:
    return store.put(f"{RATES}/{currency}", body, headers=headers or {})


class TestPutExchangeRate:
    def test_answers_the_rate_for_one_unit_of_the_shops_currency(self, store: Store) -> None:
        answer = put_rate(store, rate="149.5", rounding={"step": 100, "ending": 80})

        assert answer.status == 200
        assert answer.headers["ETag"] == '"1"'
        assert answer.body == {
            "currency": "JPY",
            "rate": "149.5",
            "source": "manual",
            "at": answer.body["at"],
            "stale": False,
            "rounding": {"step": 100, "ending": 80, "towards": "nearest"},
            "version": 1,
        }
        everything = store.get(RATES).body
        assert everything["items"] == [{name: part for name, part in answer.body.items() if name != "version"}]
        assert (everything["base"], everything["source"], everything["converts"]) == ("USD", None, False)

    def test_takes_the_rate_back_with_null(self, store: Store) -> None:
        put_rate(store, rate="149.5", rounding={"step": 10})
        put_rate(store, rounding={"step": 10})
        [kept] = store.get(RATES).body["items"]
        put_rate(store)

        assert (kept["rate"], kept["source"], kept["rounding"]["step"]) == (None, None, 10)
        assert store.get(RATES).body["items"] == []

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"rate": 149.5}, "rate"),
            ({"rate": "0"}, "rate"),
            ({"rate": "0.000"}, "rate"),
            ({"rate": "-1"}, "rate"),
            ({"rate": "1e5"}, "rate"),
            ({"rate": "1,5"}, "rate"),
            ({"rate": "1234567890"}, "rate"),
            ({"rate": "\u0661"}, "rate"),
            ({"rate": "1\n"}, "rate"),
            ({"rounding": {"step": 10, "ending": 10}}, "rounding"),
            ({"source": "me"}, "source"),
        ],
    )
    def test_says_what_is_wrong(self, store: Store, body: dict[str, Any], param: str) -> None:
        answer = put_rate(store, **body)

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, param)
        assert store.items("prices") == []

    def test_has_none_for_the_shops_own_currency(self, store: Store) -> None:
        answer = put_rate(store, "USD", rate="1")

        assert (answer.status, answer.code) == (422, "prices.no_exchange")

    def test_does_not_find_a_currency_that_there_is_not(self, store: Store) -> None:
        assert {put_rate(store, currency, rate="1").status for currency in ("ZZZ", "usd", "EURO")} == {404}

    def test_refuses_a_stale_version_and_repeats_itself_once(self, store: Store) -> None:
        put_rate(store, rate="150")
        headers = {"Idempotency-Key": "rate-1", "If-Match": '"1"'}

        first, second = (put_rate(store, "EUR", rate="0.9", headers=headers) for _ in range(2))

        assert second.headers["Idempotent-Replayed"] == "true"
        assert second.body == first.body
        assert put_rate(store, "EUR", rate="0.8", headers={"If-Match": '"1"'}).status == 412
        assert [item["rate"] for item in store.get(RATES).body["items"]] == ["0.9", "150"]

    def test_is_announced(self, store: Store) -> None:
        put_rate(store, rate="150")

        [event] = store.items("outbox")
        assert (event["pk"]["S"], event["type"]["S"]) == ("exchange-rates", "prices.exchange_rate_put")

    def test_needs_the_scope(self, store: Store) -> None:
        store.staff_scopes = "prices:read"

        assert put_rate(store, rate="1").status == 403
        assert store.get(RATES).status == 200

    def test_takes_two_calls(self, store: Store) -> None:
        with counted(store) as calls:
            put_rate(store, rate="1")
        with counted(store) as read:
            store.get(RATES)

        assert (calls, read) == ({"GetItem": 1, "TransactWriteItems": 1}, {"GetItem": 1})
