"""One place rounds: everything else counts in whole minor units, or in exact fractions until it is rounded there."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.stacks import ROOT

LAYERS = ROOT / "layers"
THE_PLACE = "commerce/kernel/rounding.py"
ROUNDS = frozenset({"round", "quantize", "floor", "ceil", "trunc"})

# What divides or rounds elsewhere, and why no amount of money loses anything there.
EXCEPTIONS = {
    "commerce/adapters/shipengine.py:ShipEngine.rates //": "millimetres of a parcel, up to whole centimetres",
    "commerce/adapters/stripe_facts.py:Facts._in_our_units //": "Stripe's hundredths of what has none: always 00",
    "commerce/catalog/price_schemas.py:_point //": "milliseconds",
    "commerce/entrypoints/cost.py:_line round": "what a call costs the merchant, told as a decimal number in logs",
    "commerce/entrypoints/cost.py:_tell round": "the same, and milliseconds",
    "commerce/giftcards/lookups.py:counted //": "seconds",
    "commerce/inventory/low_stock.py:_on_the_same_side //": "units of a SKU",
    "commerce/inventory/shards.py:is_uneven //": "units of a SKU",
    "commerce/kernel/clock.py:now //": "microseconds",
    "commerce/prices/rules.py:_within //": "a bound that staff set, to the steps inside of it",
    "commerce/prices/schemas.py:_in_utc //": "microseconds",
    "commerce/prices/timeline.py:_by_days //": "milliseconds",
    "commerce/prices/timeline.py:millis round": "milliseconds",
    "commerce/prices/timeline.py:recorded //": "milliseconds",
    "commerce/prices/timeline.py:stored //": "how many entries are kept",
    "commerce/prices/timeline.py:window_start //": "milliseconds",
    "commerce/promotions/effects.py:_cheapest //": "how many pieces are free",
    "commerce/promotions/effects.py:_gotten.to_spare //": "how often so many pieces must be bought",
    "commerce/shipping/engine.py:_base //": "started kilograms or pieces; of a table by amount, started steps of it",
    "commerce/shipping/engine.py:chargeable_grams //": "grams, by volume",
    "commerce/shipping/windows.py:window_of //": "seconds",
}


def found_in(source: str, name: str) -> Iterator[str]:
    """Yield where a file rounds: calls by name, and divisions that drop a remainder. `divmod` drops none."""

    def visit(node: ast.AST, place: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            inside = place
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inside = f"{place}.{child.name}" if place else child.name
            if isinstance(child, ast.Call):
                called = child.func
                label = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if label in ROUNDS:
                    yield f"{name}:{inside} {label}"
            if isinstance(child, ast.BinOp | ast.AugAssign) and isinstance(child.op, ast.FloorDiv):
                yield f"{name}:{inside} //"
            yield from visit(child, inside)

    yield from visit(ast.parse(source), "")


def everywhere() -> set[str]:
    files = [path for path in sorted((LAYERS / "commerce").rglob("*.py")) if "site-packages" not in path.parts]
    named = {str(path.relative_to(LAYERS / "commerce")): path for path in files}
    return {place for name, path in named.items() if name != THE_PLACE for place in found_in(path.read_text(), name)}


def test_nothing_else_rounds() -> None:
    assert everywhere() == set(EXCEPTIONS)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("round(x, 2)", "round"),
        ("Decimal('1.005').quantize(CENT)", "quantize"),
        ("math.floor(x)", "floor"),
        ("x //= 10", "//"),
        ("-(-x // 10)", "//"),
    ],
)
def test_sees_whoever_rounds(line: str, found: str) -> None:
    assert list(found_in(f"def tax(x):\n    {line}", "a.py")) == [f"a.py:tax {found}"]


def test_lets_exact_numbers_be() -> None:
    assert list(found_in("def tax(x):\n    divmod(x, 10)\n    return Fraction(x, 10) / 3 % 2", "a.py")) == []
