"""The journey's totals, committed: tests/functional/budgets/test_journey.py fails when a step takes another amount."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.cost.journey import Step

FILE = Path(__file__).with_name("totals.toml")
HEAD = """\
# What the journey of `make cost` takes, step by step: figures that are the same on every machine. A change that makes
# one grow has to say so here: make cost COST=--accept writes what is seen now.
"""


def accepted() -> Mapping[str, Mapping[str, float]]:
    """Return the committed totals by step."""
    totals: dict[str, dict[str, float]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return totals


def accept(steps: Iterable[Step]) -> None:
    """Commit what is seen now."""
    parts = [HEAD]
    for step in steps:
        lines = [f"{name} = {amount:g}" for name, amount in step.totals.items()]
        parts.append("\n".join([f'["{step.name}"]', *lines]) + "\n")
    FILE.write_text("\n".join(parts), encoding="utf-8")
