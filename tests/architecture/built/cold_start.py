"""The CPU of a cold start's imports, of every function, against the floor: `make cold-start`.

`--check` looks at the limits alone: a function that seems to exceed its own is measured again before it counts.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence

from local.generated import replace_part
from tests.architecture.built.imports import ColdStart
from tests.architecture.stacks import ROOT, functions

DOCUMENT = ROOT / "docs" / "performance.md"
CHECKED_PAIRS, REPORTED_PAIRS, MOST_PAIRS = 1, 7, 12
SHOWN = 4

HEAD = (
    "| function | CPU ms | of the floor | limit | heaviest imports beyond the floor (ms, timed) |",
    "|---|---:|---:|---:|---|",
)


def measured(pairs: int) -> Iterator[ColdStart]:
    """Measure every function; those that seem too heavy again, until the machine gave them a fair chance."""
    for function in sorted(functions(), key=lambda it: it.label):
        found = ColdStart(function)
        found.measure(pairs)
        while found.exceeds_its_limit and len(found.cpu) < MOST_PAIRS:
            found.measure(1)
        yield found


def row(found: ColdStart) -> str:
    """Return a function's row of the report."""
    heaviest = ", ".join(f"{name} {milliseconds:.0f}" for name, milliseconds in found.heaviest()[:SHOWN])
    numbers = f"{min(found.cpu):.0f} | {found.ratio:.2f} | {found.limit}"
    return f"| `{found.function.label}` | {numbers} | {heaviest} |"


def about(found: Sequence[ColdStart]) -> str:
    """Return what the rows have in common."""
    floor = statistics.median(min(it.floor) for it in found)
    shipped = sorted({round(it.shipped_bytes / 1_000_000) for it in found})
    return (
        f"{len(found)} functions, each imported {REPORTED_PAIRS} times or more: least CPU, middle ratio. The floor "
        f"took {floor:.0f} ms. A function is {shipped[0]} MB large with its layers, one that pays {shipped[-1]} MB."
    )


def main() -> None:
    """Measure, write the report unless the limits alone are to be looked at, and fail when one is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="look at the limits alone, and write nothing")
    options = parser.parse_args()
    found, rows = [], []
    for it in measured(CHECKED_PAIRS if options.check else REPORTED_PAIRS):
        found.append(it)
        if not options.check:
            rows.append(row(it))
            print(rows[-1])
    if not options.check:
        replace_part(DOCUMENT, by="make cold-start", text="\n".join([about(found), "", *HEAD, *rows]))
    slow = [it for it in found if it.exceeds_its_limit]
    for it in slow:
        print(f"{it.function.label} imports {it.ratio:.2f} times the floor and may import {it.limit}")
    if slow:
        sys.exit(1)
    print(f"✓ cold starts of {len(found)} functions")


if __name__ == "__main__":
    main()
