"""`make contention`: write what one SKU sells at 1, 4 and 16 shards into docs/performance.md."""

from pathlib import Path

from local.generated import replace_part
from tests.contention.simulator import Result, simulated

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
OFFERED = (10, 20, 40, 80, 160, 320)
SHARDS = (1, 4, 16)
LASTS = 30.0

HEAD = """\
| buyers a second | shards | orders a second | paid orders booked a second | told to try again | refused transactions per order | half wait at most | 95 % wait at most |
|---:|---:|---:|---:|---:|---:|---:|---:|"""  # noqa: E501 - a table's head is one line.


def main() -> None:
    """Simulate every load with every number of shards, and write the table."""
    results = [simulated(shard_count=shards, offered=offered, lasts=LASTS) for offered in OFFERED for shards in SHARDS]
    table = "\n".join([HEAD, *map(_row, results)])
    replace_part(PAGE, by="make contention", text=table)
    print(table)  # noqa: T201 - it is a command.


def _row(found: Result) -> str:
    cells = (
        f"{found.offered}",
        f"{found.shards}",
        f"{found.ordered:.0f}",
        f"{found.settled:.0f}",
        f"{found.told_to_wait:.1%}",
        f"{found.conflicts:.1f}",
        f"{found.within(0.5):.2f} s",
        f"{found.within(0.95):.2f} s",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
