"""Questions about shipping."""

from typing import Any

from commerce.kernel.reads import Answers, Read
from commerce.shipping.model import ShippingMethod
from commerce.shipping.records import methods_read


def method_reads() -> list[Read[Any]]:
    """Return the reads that `methods` needs: one."""
    return [methods_read()]


def methods(*, answers: Answers) -> tuple[ShippingMethod, ...]:
    """Return all methods of the shop, also inactive ones, in the shop's order."""
    record = answers.get(methods_read())
    return record.all() if record else ()
