"""What is made durable at the door is what the worker knows how to apply."""

from commerce.checkout.receiving import APPLIED
from commerce.checkout.stripe_events import STEPS


def test_each_type_that_is_made_durable_has_a_step_and_no_other_has() -> None:
    assert sorted(STEPS) == sorted(APPLIED)
