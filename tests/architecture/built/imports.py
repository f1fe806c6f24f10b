"""What the import of a handler takes, in a fresh interpreter that sees nothing but the function's folder and layers.

The layers are those that are deployed, built for this machine.
"""

import re
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from layers.build_layer import size
from tests.architecture.built.artefacts import layers_of, run
from tests.architecture.stacks import Function

LIMITS = {"Storefront": 1.25, "Admin": 1.5, "Workers": 1.5}
LIMIT_OF_A_CHECKOUT = 1.5
"""Whatever is paid joins all domains and Stripe's SDK: docs/adr/0025."""

# What no endpoint can do without, as our edge uses it.
FLOOR = """
import pydantic
import pynamodb.attributes, pynamodb.models
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
APIGatewayHttpResolver(enable_validation=True)
"""

USED = """
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print((used.ru_utime + used.ru_stime) * 1000)
"""

TIMED = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)


@dataclass
class ColdStart:
    """What a function's import takes, and what the floor took beside it: milliseconds of CPU."""

    function: Function
    cpu: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    @property
    def path(self) -> list[Path]:
        return [self.function.file.parent, *layers_of(self.function)]

    @property
    def limit(self) -> float:
        pays = {"Ref": "StripeLayer"} in self.function.properties["Layers"]
        return LIMIT_OF_A_CHECKOUT if pays else LIMITS[self.function.stack.name]

    @property
    def ratio(self) -> float:
        """How many floors the import costs: the middle of the pairs, as a slow moment lasts for both of one."""
        return statistics.median(own / floor for own, floor in zip(self.cpu, self.floor, strict=True))

    @property
    def exceeds_its_limit(self) -> bool:
        """Whether the least of each says so too: noise only ever adds, and hardly spoils both estimates."""
        return min(self.ratio, min(self.cpu) / min(self.floor)) > self.limit

    @property
    def shipped_bytes(self) -> int:
        return sum(size(folder) for folder in layers_of(self.function))

    def measure(self, pairs: int) -> None:
        """Import the floor and the handler in turn, so that a busy machine slows down both."""
        for _ in range(pairs):
            self.floor.append(_cpu(FLOOR, self.path))
            self.cpu.append(_cpu(f"import {self.function.file.stem}", self.path))

    def heaviest(self) -> list[tuple[str, float]]:
        """Return the packages that it imports beyond the floor and the milliseconds of each, the heaviest first."""
        floor = _timed(FLOOR, self.path)
        own = _timed(f"import {self.function.file.stem}", self.path)
        totals: defaultdict[str, float] = defaultdict(float)
        for module, milliseconds in own.items():
            if module not in floor:
                totals[module.partition(".")[0]] += milliseconds
        return sorted(totals.items(), key=lambda it: -it[1])


def _cpu(source: str, path: list[Path]) -> float:
    result = run(f"{source}\n{USED}", path=path)
    if result.returncode:
        sys.exit(result.stderr)
    return float(result.stdout)


def _timed(source: str, path: list[Path]) -> dict[str, float]:
    """Return the milliseconds that each module took for itself; a timed import is slower than one that is not."""
    result = run(source, path=path, options=["-X", "importtime"])
    return {module: int(microseconds) / 1000 for microseconds, module in TIMED.findall(result.stderr)}
