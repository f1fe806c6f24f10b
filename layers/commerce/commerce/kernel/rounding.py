"""The one place where amounts are rounded and shared out. Whole minor units go in and come out.

A `grain` is the least step between two amounts that can be charged (`kernel.money.grain`): 1, or 10 where Stripe wants
the last of three decimal places to be 0.
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from math import lcm


class Rounding(StrEnum):
    """Which of its two neighbours a fraction of a minor unit becomes."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


class Towards(StrEnum):
    """Which of the two numbers with the wanted ending an amount becomes."""

    NEAREST = "nearest"
    UP = "up"
    DOWN = "down"


HALF = Fraction(1, 2)


def rounded(value: Fraction, mode: Rounding = Rounding.HALF_UP, *, grain: int = 1) -> int:
    """Return the whole number of grains, in minor units, that an amount of zero or more becomes.

    :raises ValueError: for a negative amount: what is taken off is rounded before it is taken off.
    """
    if value < 0:
        message = "only amounts of zero or more are rounded"
        raise ValueError(message)
    exact = value / grain
    whole = exact.numerator // exact.denominator
    rest = exact - whole
    match mode:
        case Rounding.DOWN:
            up = False
        case Rounding.UP:
            up = rest > 0
        case Rounding.HALF_UP:
            up = rest >= HALF
        case Rounding.HALF_EVEN:
            up = rest > HALF or (rest == HALF and whole % 2 == 1)
    return (whole + up) * grain


def ended(value: Fraction, *, step: int, ending: int = 0, towards: Towards = Towards.NEAREST, grain: int = 1) -> int:
    """Return the whole number with a given ending that an amount of zero or more becomes.

    `step` 100 and `ending` 99 give 9.99 and 10.99, `step` 5 and `ending` 0 the multiples of five. Of two that are
    equally near, the higher. Nothing stays nothing, and what is more than nothing never becomes nothing. Steps and
    endings that no whole number of grains has become the next that one has: 25 becomes 50, and 99 becomes 90.

    :raises ValueError: for a negative amount, and for an ending that is not below its step.
    """
    if value < 0 or not 0 <= ending < step:
        message = "only amounts of zero or more are rounded, to an ending below its step"
        raise ValueError(message)
    if value == 0:
        return 0
    step, ending = lcm(step, grain), ending - ending % grain
    lower = (value - ending) // step * step + ending
    upper = lower if lower == value else lower + step
    if lower <= 0 or towards is Towards.UP:
        return upper
    if towards is Towards.DOWN:
        return lower
    return upper if upper - value <= value - lower else lower


def shares[K: str](amount: int, weights: Mapping[K, int], *, grain: int = 1) -> dict[K, int]:
    """Share an amount out by weight, so that the shares sum up to it: the largest remainders get what is left over.

    The order of the weights changes nothing: equal remainders are served by their key. Where all weights are zero,
    all count the same. A negative amount is shared like its opposite.

    Source of the method: https://en.wikipedia.org/wiki/Quota_method (Hamilton's).

    :param grain: each share is a multiple of it, as the amount is.
    :raises ValueError: when a weight is negative, when there is nobody to share a non-zero amount among, or when the
        amount is no multiple of the grain.
    """
    if amount % grain:
        message = "the amount is no multiple of the grain"
        raise ValueError(message)
    if any(weight < 0 for weight in weights.values()):
        message = "weights are zero or more"
        raise ValueError(message)
    if not weights:
        if amount:
            message = "nobody is there to share the amount"
            raise ValueError(message)
        return {}
    sign, left = (-grain, -amount // grain) if amount < 0 else (grain, amount // grain)
    total = sum(weights.values())
    counted = weights if total else dict.fromkeys(weights, 1)
    total = total or len(weights)
    whole = {key: left * weight // total for key, weight in counted.items()}
    remainder = {key: left * weight % total for key, weight in counted.items()}
    first = sorted(counted, key=lambda key: (-remainder[key], key))
    for key in first[: left - sum(whole.values())]:
        whole[key] += 1
    return {key: sign * share for key, share in whole.items()}
