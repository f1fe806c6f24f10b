"""The price table: what AWS asks for what, with its unit, its date and the page that says so."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FOLDER = Path(__file__).parent / "prices"
DEFAULT = FOLDER / "us-east-1.toml"

Usage = Counter[str]
"""How much of what was used, by the price's name (`lambda.request`). Amounts may be fractions."""


@dataclass(frozen=True, slots=True)
class Price:
    """What `per` units cost.

    :param free: what an account has of it for nothing, each month and for ever.
    """

    usd: float
    per: int
    unit: str
    as_of: str
    page: str
    free: float = 0

    @property
    def each(self) -> float:
        """Return what one unit costs, in dollars."""
        return self.usd / self.per


@dataclass(frozen=True)
class PriceTable:
    """The prices of a region, and what has to be assumed where nobody can measure."""

    region: str
    prices: Mapping[str, Price]
    stripe: Mapping[str, Any]
    latency_ms: Mapping[str, float]
    assumed: Mapping[str, float]

    @classmethod
    def read(cls, file: Path = DEFAULT) -> Self:
        """Read a table from its file."""
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(
            region=table["region"],
            prices={name: Price(**price) for name, price in table["price"].items()},
            stripe=table["stripe"],
            latency_ms=table["latency_ms"],
            assumed=table["assumed"],
        )

    def usd(self, usage: Mapping[str, float]) -> float:
        """Return what a usage costs at list price."""
        return sum(self.prices[name].each * amount for name, amount in usage.items())

    def usd_by_service(self, usage: Mapping[str, float]) -> dict[str, float]:
        """Return the same by service, the dearest first."""
        found: Counter[str] = Counter()
        for name, amount in usage.items():
            found[name.partition(".")[0]] += self.prices[name].each * amount  # type: ignore[assignment]
        return dict(found.most_common())

    def usd_beyond_free(self, usage: Mapping[str, float]) -> float:
        """Return what a month's usage costs an account that uses AWS for nothing else."""
        return sum(self.prices[name].each * max(0, amount - self.prices[name].free) for name, amount in usage.items())
