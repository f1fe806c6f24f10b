"""What was measured, as a table for people and as JSON for machines."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from local.bench.measure import Measured
from local.bench.processes import HANDLERS, PARTS
from local.bench.profile import SHOWN

COLUMNS = ("line", "clients", "per second", "target", "p50 ms", "p95 ms", "p99 ms", *PARTS)


def row(found: Measured) -> list[str]:
    """Return one line of the table; CPU is in seconds per 1,000 requests."""
    target = f"{found.target}" if found.clients > 1 and found.target else ""
    return [
        found.line,
        str(found.clients),
        f"{found.per_second:,.0f}" if found.per_second >= 100 else f"{found.per_second:.1f}",  # noqa: PLR2004
        target,
        *(f"{found.milliseconds[name]:.1f}" for name in ("p50", "p95", "p99")),
        *(f"{found.cpu[part]:.2f}" for part in PARTS),
    ]


def table(lines: Sequence[Measured]) -> Table:
    """Return the table for the screen."""
    shown = Table(*COLUMNS[:1], title="CPU: seconds per 1,000 requests")
    for name in COLUMNS[1:]:
        shown.add_column(name, justify="right")
    for found in lines:
        shown.add_row(*row(found), style="red" if found.clients > 1 and found.per_second < found.target else "")
    return shown


def markdown(document: dict[str, Any], lines: Sequence[Measured]) -> str:
    """Return the table for docs/performance.md."""
    about = (
        f"{document['products']:,} products of 3 variants in {document['categories']} categories; {document['cores']} "
        f"cores for the store, DynamoDB Local and the clients together. Start of an empty store: "
        f"{document['start_seconds']:.1f} s; highest memory of all its processes: {document['peak_megabytes']:,} MB."
    )
    head = f"| {' | '.join(COLUMNS)} |\n|---{'|---:' * (len(COLUMNS) - 1)}|"
    rows = [about, "", head, *(f"| {' | '.join(row(found))} |" for found in lines)]
    return "\n".join([*rows, *_packages(lines)])


def _packages(lines: Sequence[Measured]) -> list[str]:
    profiled = [(found, found.packages) for found in lines if found.packages is not None]
    if not profiled:
        return []
    head = f"| the handlers' CPU | ms a request | {' | '.join(SHOWN)} |\n|---{'|---:' * (len(SHOWN) + 1)}|"
    return [
        "",
        head,
        *(
            f"| {found.line}, {found.clients} clients | {found.cpu[HANDLERS]:.2f} | "
            f"{' | '.join(f'{packages[part]:.0%}' for part in SHOWN)} |"
            for found, packages in profiled
        ),
    ]
