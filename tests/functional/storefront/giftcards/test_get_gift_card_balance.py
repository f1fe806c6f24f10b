"""POST /v1/gift-cards/balance: what is left, for whoever has the code; throttled, and no help to who guesses."""

import json
from typing import Any

import pytest

from commerce.kernel import clock
from tests.support.calls import counted
from tests.support.store import Answer, Store, running_store

LIMIT = 30
WINDOW_SECONDS = 600


def issue(store: Store, amount: int = 5000, **more: Any) -> Any:
    answer = store.post("/v1/admin/gift-cards", {"amount": {"amount": amount, "currency": "USD"}, **more})
    assert answer.status == 201, answer.body
    return answer.body


def ask(store: Store, code: object, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return store.post("/v1/gift-cards/balance", {"code": code}, headers=sent)


def wait_for_a_fresh_window(store: Store) -> None:
    """Let no window end in the middle of a test."""
    store.tick(WINDOW_SECONDS - clock.epoch(clock.now()) % WINDOW_SECONDS)


def told(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.body.items() if name != "request_id"}


class TestBalance:
    def test_tells_what_is_left_and_until_when(self, store: Store) -> None:
        card = issue(store, 5000, expires_at="2099-01-01T00:00:00Z", note="ours alone", email="ada@example.com")

        answer = ask(store, card["code"])

        assert answer.status == 200
        assert answer.body == {
            "kind": "gift_card",
            "label": card["label"],
            "balance": {"amount": 5000, "currency": "USD"},
            "expires_at": "2099-01-01T00:00:00.000Z",
            "status": "active",
        }
        assert answer.headers["Cache-Control"] == "no-store"

    def test_takes_the_code_as_people_type_it(self, store: Store) -> None:
        code = issue(store)["code"]

        for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("0", "O")):
            assert ask(store, typed).status == 200, typed

    def test_of_a_card_whose_time_is_over(self, store: Store) -> None:
        card = issue(store, expires_at="2098-01-01T00:00:00Z")
        store.tick(72 * 366 * 24 * 3600)

        assert ask(store, card["code"]).body["status"] == "expired"

    @pytest.mark.parametrize(
        "code", ["", "0123", "0123-4567-89AB-CDEF-G", "0123-4567-89AB-CDEU", 123, None, ["0" * 16]]
    )
    def test_refuses_what_cannot_be_a_code(self, store: Store, code: object) -> None:
        answer = ask(store, code)

        assert (answer.status, answer.code) == (422, "request.invalid")
        assert answer.body["errors"][0]["param"] == "code"


class TestGuessing:
    def test_learns_the_same_from_a_slip_and_from_a_code_that_never_was(self, store: Store) -> None:
        code = issue(store)["code"]
        last = "2" if code[-1] != "2" else "3"
        asked = {"never was": "0123-4567-89AB-CDEF", "slip": code[:-1] + last, "other key": "Z" + code[1:]}

        answers, calls = {}, {}
        for name, guess in asked.items():
            with counted(store) as taken:
                answers[name] = told(ask(store, guess))
            calls[name] = dict(taken)

        assert {answer["code"] for answer in answers.values()} == {"giftcards.not_found"}
        assert answers["slip"] == answers["never was"] == answers["other key"]
        assert calls["slip"] == calls["never was"] == calls["other key"] == {"GetItem": 1, "TransactWriteItems": 1}
        with counted(store) as taken:
            assert ask(store, code).status == 200
        assert dict(taken) == calls["slip"]

    def test_ends_after_so_many_tries_whether_right_or_wrong(self, store: Store) -> None:
        wait_for_a_fresh_window(store)
        code = issue(store)["code"]
        first = [ask(store, "0123-4567-89AB-CDEF").status for _ in range(LIMIT - 1)] + [ask(store, code).status]

        right, wrong = ask(store, code), ask(store, "0123-4567-89AB-CDEF")

        assert first == [404] * (LIMIT - 1) + [200]
        assert (right.status, right.code) == (429, "giftcards.too_many_lookups")
        assert told(right) == told(wrong)
        assert 0 < int(right.headers["Retry-After"]) <= 600

    def test_may_go_on_ten_minutes_later(self, store: Store) -> None:
        wait_for_a_fresh_window(store)
        code = issue(store)["code"]
        for _ in range(LIMIT + 1):
            answer = ask(store, code)

        store.tick(int(answer.headers["Retry-After"]) + 1)

        assert (answer.status, ask(store, code).status) == (429, 200)

    def test_counts_each_network_by_itself_under_a_keyed_hash(self) -> None:
        with running_store(TRUSTED_PROXY_HOPS="1", GIFT_CARD_LOOKUPS_PER_NETWORK="2") as store:
            wait_for_a_fresh_window(store)
            code = issue(store)["code"]

            def from_(address: str) -> int:
                return ask(store, code, X_Forwarded_For=f"{address}, 203.0.113.9").status

            here = [from_(f"198.51.100.{number}") for number in (1, 2, 3)]
            there = from_("198.51.101.1")
            house = [from_(f"2001:db8:1:{number}::1") for number in (1, 2, 3)]

            assert here == house == [200, 200, 429]
            assert there == 200
            assert "198.51" not in json.dumps(store.items("gift_cards"))

    def test_leaves_rows_that_go_away(self, store: Store) -> None:
        ask(store, "0123-4567-89AB-CDEF")

        [row] = store.items("gift_cards")
        assert row["pk"]["S"].startswith("lookups#")
        assert "expires_ttl" in row

    def test_with_a_key_counts_once_and_not_for_another_code(self, store: Store) -> None:
        card, other = issue(store), issue(store)
        answers = [ask(store, card["code"], Idempotency_Key="k") for _ in range(LIMIT + 2)]

        assert {answer.status for answer in answers} == {200}
        assert answers[-1].headers["Idempotent-Replayed"] == "true"
        assert ask(store, other["code"], Idempotency_Key="k").code == "idempotency.key_reused"

    def test_with_a_key_is_shown_the_card_as_it_is_by_then(self, store: Store) -> None:
        card = issue(store)
        ask(store, card["code"], Idempotency_Key="k")
        store.post(f"/v1/admin/gift-cards/{card['id']}/adjustments", {"delta": -1, "reason": "x"})

        assert ask(store, card["code"], Idempotency_Key="k").body["balance"]["amount"] == 4999
