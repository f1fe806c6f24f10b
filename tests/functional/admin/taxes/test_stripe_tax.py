"""Taxes computed by Stripe Tax: what it is asked, what becomes of its answers, and of its silence."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any

import pytest

from commerce.adapters import stripe_tax
from commerce.adapters.json_http import JsonAnswer, JsonHttp
from commerce.adapters.stripe_tax import MOST_PARTS
from commerce.kernel.money import Money
from commerce.kernel.reads import fetch
from commerce.kernel.transactions import commit
from commerce.taxes import provider, queries, recording, stripe_provider
from commerce.taxes.lines import Buyer, Taxable
from commerce.taxes.model import TaxRules
from commerce.taxes.provider import Address, Basket, Computed
from tests.functional.admin.taxes.rules import FRENCH_ID, PATH, put
from tests.support.payments import LocalStripe
from tests.support.store import Store, running_store
from tests.unit.taxes.rules import BUSINESS, GERMAN, amounts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FRANCE = Address("FR", postal_code="75001", city="Paris", line1="1 Rue du Port")
CALCULATIONS = "/v1/tax/calculations"
ITEMS = (Taxable("MUG", 1190), Taxable("BOOK", 2140, tax_class="books"), Taxable("shipping", 595, is_shipping=True))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give Stripe more time than shoppers do: the machine may be busy. Remember nothing of the test before."""
    patient = JsonHttp(seconds=20)
    monkeypatch.setattr(stripe_tax, "http", lambda: patient)
    monkeypatch.setattr(stripe_tax, "patient_http", lambda: patient)
    stripe_provider.forget()
    yield
    stripe_provider.forget()
    patient.close()


@pytest.fixture
def taxing_store(stripe_server: LocalStripe) -> Iterator[Store]:
    """A store whose taxes Stripe computes."""
    with running_store(stripe_server, TAX_PROVIDER="stripe_tax") as store:
        yield store


def computed(*items: Taxable, rules: TaxRules = GERMAN, address: Address | None = FRANCE, **fields: Any) -> Computed:
    stored = fields.pop("stored", None)
    basket = Basket(items=items or ITEMS, currency="EUR", rules=rules, address=address, now=NOW, **fields)
    return provider.computed(basket, stored=stored)


def asked(store: Store) -> list[dict[str, Any]]:
    """Return what Stripe was asked."""
    return [entry["params"] for entry in store.stripe.changes(CALCULATIONS)]


def until(done: Callable[[], bool], why: str) -> None:
    """Wait until something has happened in another thread."""
    ends = monotonic() + 20
    while not done():
        assert monotonic() < ends, why
        sleep(0.02)


class TestComputed:
    def test_brings_stripes_answer_into_our_words(self, taxing_store: Store):
        found = computed()

        assert (found.provider, found.is_certain, found.is_new) == ("stripe_tax", True, True)
        mug = found.taxed.lines["MUG"]
        assert (amounts(mug), mug.charged, mug.restated) == ((1000, 200, 1200), 1200, 10)
        assert (mug.country, mug.rule, mug.reason) == ("FR", "stripe_tax:standard_rated", "rate")
        assert [(part.name, part.rate, part.tax) for part in mug.parts] == [("France VAT", "0.2", 200)]
        assert amounts(found.taxed.shipping["shipping"]) == (500, 100, 600)

    def test_tells_stripe_prices_without_the_tax_of_home_across_borders(self, taxing_store: Store):
        computed()

        [told] = asked(taxing_store)
        assert [(line["reference"], line["amount"], line["tax_behavior"]) for line in told["line_items"]] == [
            ("sku:BOOK", "2000", "exclusive"),
            ("sku:MUG", "1000", "exclusive"),
        ]
        assert told["shipping_cost"] == {"amount": "500", "tax_behavior": "exclusive"}
        assert told["customer_details"]["address"] == {
            "country": "FR",
            "postal_code": "75001",
            "city": "Paris",
            "line1": "1 Rue du Port",
        }

    @pytest.mark.parametrize(
        ("item", "address"), [(Taxable("MUG", 1190), Address("DE")), (Taxable("MUG", 1190, priced_for="FR"), FRANCE)]
    )
    def test_tells_stripe_prices_with_the_tax_of_the_destination_where_they_hold_it(
        self, taxing_store: Store, item: Taxable, address: Address
    ):
        found = computed(item, address=address)

        assert asked(taxing_store)[0]["line_items"][0]["tax_behavior"] == "inclusive"
        assert (found.taxed.lines["MUG"].gross, found.taxed.restated) == (1190, False)

    @pytest.mark.parametrize(
        ("buyer", "reason"), [(BUSINESS, "reverse_charge"), (Buyer(customer_id="cus_1"), "exempt")]
    )
    def test_charges_those_who_pay_no_tax_the_net(self, taxing_store: Store, buyer: Buyer, reason: str):
        put(taxing_store, exemptions=[{"id": "museum", "customer_id": "cus_1"}])
        rules = queries.rules(answers=fetch(queries.shop_reads()))

        found = computed(Taxable("MUG", 1200, priced_for="FR"), rules=rules, buyer=buyer).taxed.lines["MUG"]

        assert (amounts(found), found.charged, found.reason) == ((1000, 0, 1000), 1000, reason)

    def test_says_where_the_account_is_not_registered(self, taxing_store: Store):
        found = computed(Taxable("MUG", 1190), address=Address("NO")).taxed.lines["MUG"]

        assert (found.tax, found.reason, found.country) == (0, "not_registered", "")

    def test_names_classes_by_stripes_codes(self, taxing_store: Store):
        codes = {"books": "txcd_35010000", "shipping": "txcd_92010001"}
        put(taxing_store, stripe_tax_codes=codes)

        computed(rules=queries.rules(answers=fetch(queries.shop_reads())))

        [told] = asked(taxing_store)
        assert [line.get("tax_code") for line in told["line_items"]] == ["txcd_35010000", None]
        assert told["shipping_cost"]["tax_code"] == "txcd_92010001"

    def test_adds_tax_of_several_jurisdictions(self, stripe_server: LocalStripe):
        with running_store(stripe_server, TAX_PROVIDER="stripe_tax", PRICES_INCLUDE_TAX="false") as store:
            items = (Taxable("MUG", 1000), Taxable("gift-wrap", 500, is_shipping=True))
            basket = Basket(
                items=items, currency="USD", rules=TaxRules(), address=Address("US", "WA", "98104"), now=NOW
            )

            found = provider.computed(basket)

        mug = found.taxed.lines["MUG"]
        assert (amounts(mug), mug.charged) == ((1000, 103, 1103), 1000)
        assert [(part.name, part.rate) for part in mug.parts] == [
            ("Washington Retail Sales and Use Tax", "0.065"),
            ("KING Retail Sales and Use Tax", "0.0375"),
        ]
        assert found.taxed.shipping["gift-wrap"].tax == 51
        assert {line["reference"] for line in asked(store)[0]["line_items"]} == {"sku:MUG", "charge:gift-wrap"}

    def test_counts_in_stripes_units(self, taxing_store: Store):
        taxing_store.stripe.control("tax", rates={"IS": [["country", "Iceland", "24"]]})
        rules = TaxRules()
        basket = Basket(items=[Taxable("MUG", 1001)], currency="ISK", rules=rules, address=Address("IS"), now=NOW)

        found = provider.computed(basket).taxed.lines["MUG"]

        assert asked(taxing_store)[0]["line_items"][0]["amount"] == "100100"
        assert amounts(found) == (807, 194, 1001)

    def test_asks_nobody_before_there_is_an_address(self, taxing_store: Store):
        found = computed(address=None)

        assert (found.provider, found.taxed.lines["MUG"].reason) == ("rules", "unknown_destination")
        assert asked(taxing_store) == []

    def test_asks_nobody_in_a_shop_that_has_rules_of_its_own(self, paying_store: Store):
        assert computed().provider == "rules"
        assert asked(paying_store) == []


class TestMemory:
    def test_is_asked_before_stripe(self, taxing_store: Store):
        first, second = computed(), computed(*reversed(ITEMS))

        assert first.taxed == second.taxed
        assert len(asked(taxing_store)) == 1

    def test_is_kept_with_the_cart(self, taxing_store: Store):
        first = computed()
        assert first.calculation is not None
        commit([stripe_provider.calculation_write(cart_id="cart_1", calculation=first.calculation, now=NOW)])
        stripe_provider.forget()

        stored = queries.calculation(cart_id="cart_1", answers=fetch(queries.calculation_reads(cart_id="cart_1")))
        again = computed(stored=stored)

        assert stored == first.calculation
        assert (again.taxed, again.is_new) == (first.taxed, False)
        assert len(asked(taxing_store)) == 1
        [row] = taxing_store.items("taxes")
        assert "cart_1" not in str(row)
        assert "Paris" not in str(row)

    @pytest.mark.parametrize(
        "other",
        [
            {"items": (*ITEMS[:2],)},
            {"address": Address("FR", postal_code="75002")},
            {"buyer": BUSINESS},
            {"on": (NOW + timedelta(days=1)).date()},
        ],
    )
    def test_counts_for_equal_questions_only(self, taxing_store: Store, other: dict[str, Any]):
        first = computed()

        again = computed(*other.pop("items", ITEMS), stored=first.calculation, **other)

        assert again.is_new
        assert len(asked(taxing_store)) == 2

    def test_is_read_only_where_stripe_computes(self, store: Store):
        assert queries.calculation_reads(cart_id="cart_1") == []


def spoil(body: dict[str, Any], *place: str | int, value: Any) -> None:
    """Put something else into a place of an answer; a missing value takes it out."""
    for step in place[:-1]:
        body = body[step]  # type: ignore[index]
    body[place[-1]] = value  # type: ignore[index]


LINE = ("line_items", "data", 0)
GARBAGE: tuple[tuple[tuple[str | int, ...], Any], ...] = (
    (("id",), None),
    (("id",), ""),
    (("currency",), "usd"),
    (("line_items",), None),
    (("line_items",), []),
    (("line_items", "data"), None),
    (("line_items", "data"), []),
    (("line_items", "data"), ["x", None]),
    ((*LINE, "reference"), "sku:OTHER"),
    ((*LINE, "amount"), 1),
    ((*LINE, "amount"), None),
    ((*LINE, "amount_tax"), -1),
    ((*LINE, "amount_tax"), 1.5),
    ((*LINE, "amount_tax"), "1"),
    ((*LINE, "amount_tax"), True),
    ((*LINE, "amount_tax"), None),
    ((*LINE, "tax_breakdown", 0, "amount"), -1),
    (("shipping_cost",), None),
    (("shipping_cost", "amount"), 1),
    (("shipping_cost", "amount_tax"), None),
)
ODD: tuple[tuple[tuple[str | int, ...], Any], ...] = (
    ((*LINE, "tax_breakdown"), None),
    ((*LINE, "tax_breakdown"), "x"),
    ((*LINE, "tax_breakdown"), [None, 1]),
    ((*LINE, "tax_breakdown", 0, "jurisdiction"), None),
    ((*LINE, "tax_breakdown", 0, "tax_rate_details"), None),
    ((*LINE, "tax_breakdown", 0, "tax_rate_details", "percentage_decimal"), 20),
    ((*LINE, "tax_breakdown", 0, "taxability_reason"), None),
    ((*LINE, "tax_breakdown", 0, "amount"), 0),
)


class Between:
    """Stands between us and Stripe, and spoils an answer."""

    def __init__(self, http: JsonHttp, place: tuple[str | int, ...], value: Any) -> None:
        self._http, self._place, self._value = http, place, value

    def ask(self, *arguments: Any, **options: Any) -> JsonAnswer:
        answer = self._http.ask(*arguments, **options)
        body = dict(answer.body)
        spoil(body, *self._place, value=self._value)
        return JsonAnswer(answer.status, body)


class TestAnswers:
    @pytest.mark.parametrize(("place", "value"), GARBAGE, ids=[f"{place} {value}" for place, value in GARBAGE])
    def test_are_believed_only_where_they_fit_the_question(
        self, taxing_store: Store, monkeypatch: pytest.MonkeyPatch, place: tuple[str | int, ...], value: Any
    ):
        between = Between(stripe_tax.http(), place, value)
        monkeypatch.setattr(stripe_tax, "http", lambda: between)

        found = computed()

        assert (found.provider, found.is_certain) == ("rules", False)
        assert found.taxed.lines["MUG"].rule == "fr-standard"

    @pytest.mark.parametrize(("place", "value"), ODD, ids=[f"{place} {value}" for place, value in ODD])
    def test_may_lack_what_only_explains(
        self, taxing_store: Store, monkeypatch: pytest.MonkeyPatch, place: tuple[str | int, ...], value: Any
    ):
        between = Between(stripe_tax.http(), place, value)
        monkeypatch.setattr(stripe_tax, "http", lambda: between)

        found = computed()

        assert found.provider == "stripe_tax"
        for line in found.taxed.every:
            assert sum(part.tax for part in line.parts) == line.tax

    def test_with_more_tax_than_price_are_not_believed(self, taxing_store: Store, monkeypatch: pytest.MonkeyPatch):
        between = Between(stripe_tax.http(), (*LINE, "amount_tax"), 1191)
        monkeypatch.setattr(stripe_tax, "http", lambda: between)

        assert computed(Taxable("MUG", 1190), address=Address("DE")).provider == "rules"

    def test_explain_no_more_than_a_person_reads(self, taxing_store: Store, monkeypatch: pytest.MonkeyPatch):
        part = {"amount": 10, "jurisdiction": {"display_name": "x" * 500}, "taxability_reason": "y" * 500}
        between = Between(stripe_tax.http(), (*LINE, "tax_breakdown"), [part] * 50)
        monkeypatch.setattr(stripe_tax, "http", lambda: between)

        found = computed().taxed.lines["BOOK"]

        assert len(found.parts) == MOST_PARTS
        assert len(found.parts[0].name) <= 100
        assert len(found.rule) < 100


FAILURES = ("500_recorded", "500_after", "429", "drop_before", "drop_after", "delay")


class TestSilence:
    @pytest.mark.parametrize("mode", FAILURES)
    def test_has_the_rules_computed(self, taxing_store: Store, monkeypatch: pytest.MonkeyPatch, mode: str):
        taxing_store.stripe.fault("POST", CALCULATIONS, mode, seconds=0.5 if mode == "delay" else 0)
        hasty = JsonHttp(seconds=0.2)
        with monkeypatch.context() as patch:
            patch.setattr(stripe_tax, "http", lambda: hasty)
            found = computed()
        hasty.close()

        after = computed()
        until(lambda: len(asked(taxing_store)) == 2, "Stripe works on at what nobody waits for any more")

        assert (found.provider, found.is_certain, found.may_be_charged) == ("rules", False, True)
        assert amounts(found.taxed.lines["MUG"]) == (1000, 200, 1200)
        assert after.provider == "stripe_tax", "a failure is not remembered"

    def test_has_nobody_check_out_if_the_shop_wants_so(self, stripe_server: LocalStripe):
        with running_store(stripe_server, TAX_PROVIDER="stripe_tax", TAX_FALLBACK="refuse") as store:
            store.stripe.fault("POST", CALCULATIONS, "429")

            found, after = computed(), computed()

        assert (found.may_be_charged, found.taxed.lines["MUG"].tax) == (False, 200)
        assert after.may_be_charged

    def test_of_a_key_that_is_missing_is_like_any_other(self, stripe_server: LocalStripe):
        with running_store(stripe_server, TAX_PROVIDER="stripe_tax", STRIPE_SECRET_KEY_NAME="/tradewind/none"):
            assert computed().provider == "rules"

    def test_of_an_address_that_stripe_cannot_find_does_not_open_the_circuit(self, taxing_store: Store):
        for _ in range(4):
            assert not computed(address=Address("US")).is_certain

        assert len(asked(taxing_store)) == 4
        assert computed().is_certain

    def test_ends_asking_for_a_while(self, taxing_store: Store):
        taxing_store.stripe.fault("POST", CALCULATIONS, "429", times=3)
        for number in range(5):
            computed(Taxable("MUG", 100 + number))

        assert len(taxing_store.stripe.changes(CALCULATIONS)) == 3
        later = Basket(items=ITEMS, currency="EUR", rules=GERMAN, address=FRANCE, now=NOW + timedelta(seconds=30))
        assert provider.computed(later).provider == "stripe_tax"


class TestPreview:
    def test_shows_what_shoppers_would_be_charged(self, taxing_store: Store):
        put(taxing_store)
        body = {
            "currency": "EUR",
            "items": [{"key": "MUG", "amount": 1190}],
            "address": {"country": "FR", "postal_code": "75001"},
        }

        answer = taxing_store.post(f"{PATH}/preview", body)
        taxing_store.stripe.fault("POST", CALCULATIONS, "500_recorded")
        business = taxing_store.post(f"{PATH}/preview", {**body, "tax_id": FRENCH_ID})

        assert (answer.body["provider"], answer.body["lines"][0]["rule"]) == ("stripe_tax", "stripe_tax:standard_rated")
        assert (business.body["provider"], business.body["is_certain"]) == ("rules", False)
        assert business.body["lines"][0]["reason"] == "reverse_charge"


class TestRecords:
    def recorded(self, order_id: str = "ord_1") -> str | None:
        calculation = computed().calculation
        assert calculation is not None
        return recording.recorded(order_id=order_id, calculation_id=calculation.id, now=NOW)

    def transactions(self, store: Store) -> list[dict[str, Any]]:
        return store.stripe.changes("/v1/tax/transactions")

    def test_are_made_once_for_each_order(self, taxing_store: Store):
        first, second = self.recorded(), self.recorded()

        assert first == second
        assert first is not None
        [made] = self.transactions(taxing_store)
        assert (made["params"]["reference"], made["idempotency_key"]) == ("ord_1", "tax:ord_1")

    def test_are_made_once_when_the_answer_was_lost(self, taxing_store: Store):
        taxing_store.stripe.fault("POST", "create_from_calculation", "drop_after")

        with pytest.raises(recording.NotRecorded):
            self.recorded()
        recorded = self.recorded()

        first, second = self.transactions(taxing_store)
        assert recorded == second["objects"][0] == first["objects"][0]

    def test_are_not_tried_again_when_stripe_says_no(self, taxing_store: Store):
        for _ in range(2):
            assert recording.recorded(order_id="ord_1", calculation_id="taxcalc_none", now=NOW) is None

        assert len(self.transactions(taxing_store)) == 1
        [row] = taxing_store.items("taxes")
        assert row["refused"] == {"S": "resource_missing"}

    def test_are_taken_back_in_parts_and_once_for_each_refund(self, taxing_store: Store):
        self.recorded()

        def back(refund: str, amount: int | None) -> str | None:
            money = Money(amount=amount, currency="EUR") if amount is not None else None
            return recording.reversal_recorded(order_id="ord_1", refund_id=refund, amount=money, now=NOW)

        part, again, rest = back("ref_1", 1200), back("ref_1", 1200), back("ref_2", None)

        assert part == again
        assert rest not in {None, part}
        reversals = [entry["params"] for entry in self.transactions(taxing_store)[1:]]
        assert [(each["reference"], each.get("flat_amount"), each["mode"]) for each in reversals] == [
            ("ord_1-ref_1", "-1200", "partial"),
            ("ord_1-ref_2", None, "full"),
        ]

    def test_of_orders_that_were_never_recorded_are_not_taken_back(self, taxing_store: Store):
        assert recording.reversal_recorded(order_id="ord_1", refund_id="ref_1", amount=None, now=NOW) is None
        assert self.transactions(taxing_store) == []
