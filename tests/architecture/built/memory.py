"""How long each function runs, and what it costs, at each size of memory: `make memory`.

Lambda gives a function its share of one processor by its memory: all of it at 1,769 MB. The CPU is that of the real
handlers over a recorded journey, waiting is by the latencies that the price table states.
"""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from local.generated import replace_part
from tests.architecture.stacks import ROOT, functions
from tests.cost.bill import milliseconds
from tests.cost.meter import Invocation
from tests.cost.price_table import PriceTable
from tests.cost.recorded import record

DOCUMENT = ROOT / "docs" / "performance.md"
SIZES = (256, 512, 768, 1024, 1769)
TIMES = 20
MILLION = 1_000_000


@dataclass(frozen=True)
class Profile:
    """What a function's invocations take in the middle: CPU, and waiting for others. Both in milliseconds."""

    label: str
    cpu: float
    waiting: float

    def duration(self, megabytes: int, *, whole_processor: float) -> float:
        return self.cpu / min(1.0, megabytes / whole_processor) + self.waiting


def profiles(table: PriceTable) -> list[Profile]:
    """Return the profile of every function that the journey invokes."""
    recorded = record(TIMES)
    seen: defaultdict[str, list[Invocation]] = defaultdict(list)
    steps = (*recorded.steps, *recorded.apart)
    for invocation in (*(it for step in steps for it in step.invocations), *recorded.clocks.values()):
        seen[invocation.function].append(invocation)
    return [_profile(label, found, table) for label, found in sorted(seen.items())]


def _profile(label: str, found: Sequence[Invocation], table: PriceTable) -> Profile:
    warm = replace(table, assumed={**table.assumed, "cold_share": 0})
    waiting = statistics.median(milliseconds(replace(it, cpu_seconds=0), warm) for it in found)
    return Profile(label, statistics.median(it.cpu_seconds for it in found) * 1000, waiting)


def dollars_per_million(duration: float, megabytes: int, table: PriceTable) -> float:
    """Return what a million invocations cost by their duration, without Lambda's price per request."""
    return MILLION * duration / 1000 * megabytes / 1024 * table.prices["lambda.gb_second"].each


def rows(found: Sequence[Profile], chosen: Mapping[str, int], table: PriceTable) -> list[str]:
    """Return the table: each cell is the duration in ms and the dollars of a million; the chosen size is bold."""
    sizes = " | ".join(f"{size:,} MB" for size in SIZES)
    lines = [f"| function | CPU ms | waits ms | {sizes} |", f"|---|---:|---:|{'---:|' * len(SIZES)}"]
    for profile in found:
        cells = []
        for size in SIZES:
            duration = profile.duration(size, whole_processor=table.assumed["vcpu_at_mb"])
            cell = f"{duration:,.0f} · ${dollars_per_million(duration, size, table):,.2f}"
            cells.append(f"**{cell}**" if chosen[profile.label] == size else cell)
        lines.append(f"| `{profile.label}` | {profile.cpu:.1f} | {profile.waiting:.0f} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Record the journey and write the table."""
    table = PriceTable.read()
    chosen = {function.label: function.properties["MemorySize"] for function in functions()}
    lines = rows(profiles(table), chosen, table)
    print("\n".join(lines))
    replace_part(DOCUMENT, by="make memory", text="\n".join(lines))


if __name__ == "__main__":
    main()
