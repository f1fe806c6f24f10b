"""Tax ids of businesses, checked by form and by their register."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from commerce.adapters import vies
from commerce.adapters.json_http import JsonHttp
from commerce.kernel.reads import fetch
from commerce.taxes import operations, queries
from commerce.taxes.lines import Buyer
from commerce.taxes.model import Registration, TaxRules
from commerce.taxes.places import Place
from commerce.taxes.schemas import TaxIdCheck, buyer_of
from tests.functional.admin.taxes.rules import FRENCH_ID, GERMAN_ID, PATH, put
from tests.support.calls import counted
from tests.support.store import Answer, Store, running_store
from tests.support.vies import Vies, asked_patiently

DAY = 24 * 3600
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vies]:
    with asked_patiently(monkeypatch, **{FRENCH_ID: "Atelier SARL"}) as running:
        yield running


@pytest.fixture
def asking_store(register: Vies) -> Iterator[Store]:
    """A store that asks the register, and says who it is."""
    with running_store(TAX_ID_CHECKS="vies", VIES_API_BASE=register.url) as store:
        put(store)
        yield store


def get(store: Store, tax_id: str = FRENCH_ID) -> Answer:
    return store.get(f"{PATH}/ids/{tax_id}")


def check(store: Store, tax_id: str = FRENCH_ID, **headers: str) -> Answer:
    return store.post(
        f"{PATH}/ids/{tax_id}/checks", headers={name.replace("_", "-"): it for name, it in headers.items()}
    )


OFFLINE = {
    "tax_id": FRENCH_ID,
    "country": "FR",
    "valid": True,
    "checked": "offline",
    "checked_at": None,
    "consultation_number": None,
    "name": None,
    "problem": None,
}


class TestGetTaxId:
    def test_answers_what_its_digits_say(self, store: Store):
        assert get(store).body == OFFLINE

    @pytest.mark.parametrize(
        ("tax_id", "problem"), [("FR61954506078", "checksum"), ("DE1", "format"), ("US123456789", "unknown_country")]
    )
    def test_says_what_is_wrong(self, store: Store, tax_id: str, problem: str):
        answer = get(store, tax_id)

        assert (answer.status, answer.body["valid"], answer.body["problem"]) == (200, False, problem)

    def test_brings_it_into_its_normal_form(self, store: Store):
        assert get(store, "CHE-107.787.577-MWST").body["tax_id"] == "CHE107787577"

    def test_asks_nobody(self, asking_store: Store, register: Vies):
        assert get(asking_store).body == OFFLINE
        assert register.asked == []

    def test_reads_once_at_most(self, store: Store):
        with counted(store) as known:
            get(store)
        with counted(store) as unknown:
            get(store, "GB980780684")

        assert (known, unknown) == ({"BatchGetItem": 1}, {})

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "taxes:write"

        assert get(store).status == 403


class TestCheckTaxId:
    def test_asks_the_register_and_keeps_its_proof(self, asking_store: Store, register: Vies):
        answer = check(asking_store)

        assert answer.status == 201
        assert (answer.body["checked"], answer.body["valid"], answer.body["name"]) == ("online", True, "Atelier SARL")
        assert answer.body["consultation_number"] == "WAPIAAAAaEDkvhHx"
        assert register.asked[0]["requesterNumber"] == GERMAN_ID[2:]
        assert get(asking_store).body == answer.body

    def test_believes_the_register_when_it_says_no(self, asking_store: Store, register: Vies):
        register.registered.clear()

        assert check(asking_store).body["valid"] is False
        body = {"currency": "EUR", "items": [{"key": "A", "amount": 1190}], "address": {"country": "FR"}}
        [line] = asking_store.post(f"{PATH}/preview", {**body, "tax_id": FRENCH_ID}).body["lines"]
        assert line["reason"] == "rate"

    def test_says_offline_when_the_register_is_silent(self, asking_store: Store, register: Vies):
        register.mode = "ms_unavailable"

        assert check(asking_store).body == OFFLINE

    def test_keeps_what_the_register_said_before_when_it_is_silent(self, asking_store: Store, register: Vies):
        before = check(asking_store).body
        register.mode = "ms_unavailable"
        asking_store.tick(DAY)

        assert check(asking_store).body == before
        assert get(asking_store).body["checked_at"] == before["checked_at"]

    def test_forgets_what_the_register_said_after_thirty_days(self, asking_store: Store, register: Vies):
        check(asking_store)
        register.mode = "ms_unavailable"
        asking_store.tick(31 * DAY)

        assert get(asking_store).body == OFFLINE

    def test_gives_the_register_a_time(self, asking_store: Store, register: Vies, monkeypatch: pytest.MonkeyPatch):
        hasty = JsonHttp(seconds=0.1)
        monkeypatch.setattr(vies, "http", lambda: hasty)
        register.mode = "slow"

        assert check(asking_store).body == OFFLINE
        hasty.close()

    @pytest.mark.parametrize("tax_id", ["GB980780684", "CHE107787577", "NO995525828MVA"])
    def test_asks_nobody_about_numbers_that_the_register_does_not_know(
        self, asking_store: Store, register: Vies, tax_id: str
    ):
        answer = check(asking_store, tax_id)

        assert (answer.status, answer.body["checked"], answer.body["valid"]) == (201, "offline", True)
        assert register.asked == []

    def test_asks_nobody_unless_the_shop_wants_so(self, store: Store):
        assert check(store).body == OFFLINE

    @pytest.mark.parametrize("tax_id", ["FR61954506078", "DE1", "US123456789"])
    def test_refuses_what_is_no_number(self, asking_store: Store, register: Vies, tax_id: str):
        answer = check(asking_store, tax_id)

        assert (answer.status, answer.code) == (422, "taxes.invalid_tax_id")
        assert register.asked == []

    def test_asks_once_per_key(self, asking_store: Store, register: Vies):
        first = check(asking_store, Idempotency_Key="once")
        second = check(asking_store, Idempotency_Key="once")

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert len(register.asked) == 1

    def test_needs_the_scope(self, store: Store):
        store.staff_scopes = "taxes:read"

        assert check(store).status == 403


class TestCheckedTaxId:
    """What a cart does when a shopper gives a number."""

    RULES = TaxRules(home=Place("DE"), registrations=(Registration("DE", tax_id=GERMAN_ID),))

    def checked(self, now: datetime, text: str = "fr 61.954.506.077") -> TaxIdCheck:
        return operations.checked_tax_id(text, rules=self.RULES, now=now)

    def test_asks_once_a_day(self, asking_store: Store, register: Vies):
        first = self.checked(NOW)
        same = self.checked(NOW + timedelta(hours=23))
        next_day = self.checked(NOW + timedelta(hours=25))

        assert first == same
        assert (first.checked, first.checked_at, next_day.checked_at) == ("online", NOW, NOW + timedelta(hours=25))
        assert len(register.asked) == 2
        assert register.asked[0]["requesterMemberStateCode"] == "DE"

    def test_leaves_what_the_register_said_for_carts_to_read(self, asking_store: Store):
        found = self.checked(NOW)

        answers = fetch(queries.tax_id_reads(FRENCH_ID))
        assert queries.tax_id_check(FRENCH_ID, answers=answers, now=NOW) == found
        assert buyer_of(found) == Buyer(tax_id=FRENCH_ID, tax_id_valid=True, checked_online=True)

    def test_trusts_an_old_answer_while_the_register_is_silent_for_thirty_days(
        self, asking_store: Store, register: Vies
    ):
        first = self.checked(NOW)
        register.mode = "ms_unavailable"

        month, later = self.checked(NOW + timedelta(days=30)), self.checked(NOW + timedelta(days=31))

        assert month == first
        assert (later.checked, later.valid, later.checked_at) == ("offline", True, None)

    def test_asks_about_nothing_that_is_no_number(self, asking_store: Store, register: Vies):
        found = self.checked(NOW, "FR61954506078")

        assert (found.valid, found.problem, register.asked) == (False, "checksum", [])
        assert len(asking_store.items("taxes")) == 1, "the rules"

    def test_asks_nobody_unless_the_shop_wants_so(self, store: Store):
        assert self.checked(NOW).checked == "offline"
        assert store.items("taxes") == []
