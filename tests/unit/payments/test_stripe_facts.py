"""What we read from Stripe's objects: amounts in our minor units, whatever Stripe counts in."""

import pytest

from commerce.adapters.stripe_facts import ChargeFacts, IntentFacts, RefundFacts, at_stripe
from commerce.kernel.money import Money

INTENT = {"id": "pi_1", "livemode": False, "status": "succeeded", "metadata": None}


class TestAmounts:
    @pytest.mark.parametrize(
        ("currency", "at_stripe_amount", "ours"),
        [
            ("usd", 1999, 1999),
            ("jpy", 500, 500),
            ("kwd", 5120, 5120),
            ("isk", 50_000, 500),
            ("ugx", 370_000, 3700),
            ("mga", 5000, 500_000),
        ],
    )
    def test_are_ours_both_ways(self, currency: str, at_stripe_amount: int, ours: int) -> None:
        facts = IntentFacts.model_validate(
            INTENT | {"amount": at_stripe_amount, "amount_received": at_stripe_amount, "currency": currency}
        )

        assert (facts.amount, facts.amount_received, facts.currency) == (ours, ours, currency.upper())
        assert at_stripe(Money(amount=ours, currency=currency.upper())) == at_stripe_amount

    def test_of_charges_and_refunds_are_ours_too(self) -> None:
        charge = ChargeFacts.model_validate(
            {"id": "ch_1", "amount": 50_000, "amount_refunded": 20_000, "currency": "isk", "livemode": False}
        )
        refund = RefundFacts.model_validate({"id": "re_1", "amount": 20_000, "currency": "isk", "status": "pending"})

        assert (charge.amount, charge.amount_refunded, refund.amount) == (500, 200, 200)

    def test_without_a_number_at_stripe_are_refused(self) -> None:
        with pytest.raises(ValueError, match="the last two digits must be 0"):
            at_stripe(Money(amount=150, currency="MGA"))


class TestReferences:
    def test_are_ids_whether_expanded_or_not(self) -> None:
        plain = IntentFacts.model_validate(INTENT | {"amount": 1, "currency": "usd", "latest_charge": "ch_1"})
        expanded = IntentFacts.model_validate(
            INTENT | {"amount": 1, "currency": "usd", "latest_charge": {"id": "ch_1", "object": "charge"}}
        )

        assert plain.latest_charge == expanded.latest_charge == "ch_1"

    def test_a_client_secret_is_never_shown(self) -> None:
        facts = IntentFacts.model_validate(INTENT | {"amount": 1, "currency": "usd", "client_secret": "pi_1_secret_x"})

        assert "secret_x" not in repr(facts)
