"""Unit prices: what a kilogram, a litre or 100 ml costs."""

from typing import Any

import pytest
from pydantic import ValidationError

from commerce.catalog.measures import Measure, measured
from commerce.kernel.money import Money


def measure(quantity: int, unit: str, **more: Any) -> Measure:
    return Measure.model_validate({"quantity": quantity, "unit": unit, **more})


class TestMeasured:
    @pytest.mark.parametrize(
        ("price", "currency", "given", "result"),
        [
            (1200, "EUR", measure(750, "ml"), (1600, 1, "l")),
            (499, "EUR", measure(75, "ml", reference={"quantity": 100, "unit": "ml"}), (665, 100, "ml")),
            (249, "EUR", measure(333, "g"), (748, 1, "kg")),
            (1999, "USD", measure(2, "kg"), (1000, 1, "kg")),
            (990, "EUR", measure(250, "cm"), (396, 1, "m")),
            (4500, "EUR", measure(3, "m2"), (1500, 1, "m2")),
            (1000, "EUR", measure(12, "piece"), (83, 1, "piece")),
            (980, "JPY", measure(300, "g", reference={"quantity": 100, "unit": "g"}), (327, 100, "g")),
            (5120, "KWD", measure(500, "g"), (10_240, 1, "kg")),
            (1200, "EUR", measure(1, "l", reference={"quantity": 100, "unit": "ml"}), (120, 100, "ml")),
        ],
    )
    def test_is_for_the_reference_or_what_is_usual(
        self, price: int, currency: str, given: Measure, result: tuple[int, int, str]
    ) -> None:
        found = measured(Money(amount=price, currency=currency), given)

        assert found is not None
        assert (found.price.amount, found.quantity, found.unit) == result
        assert found.price.currency == currency

    def test_is_nothing_for_what_has_no_measure(self) -> None:
        assert measured(Money(amount=1, currency="EUR"), None) is None

    def test_is_nothing_that_cannot_be_written_exactly(self) -> None:
        tiny = measure(1, "g", reference={"quantity": 10_000, "unit": "kg"})

        assert measured(Money(amount=99_999_999, currency="EUR"), tiny) is not None
        assert measured(Money(amount=2**53 - 1, currency="EUR"), tiny) is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"quantity": 0, "unit": "g"},
            {"quantity": 0.75, "unit": "l"},
            {"quantity": 1, "unit": "oz"},
            {"quantity": 1, "unit": "g", "reference": {"quantity": 1, "unit": "l"}},
            {"quantity": 1, "unit": "g", "reference": {"quantity": 0, "unit": "g"}},
        ],
    )
    def test_refuses_what_does_not_compare(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            Measure.model_validate(wrong)
