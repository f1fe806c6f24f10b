"""The generated part of docs/guarantees.md: step x call x mode -> what the caller was told."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from local.generated import replace_part
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants import MUTANTS
from tests.faults.machine.plan import Tried

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
Cells = dict[tuple[int, str], dict[str, set[tuple[str, ...]]]]


def write(*, faults: Sequence[Tried], mutants: Sequence[Tried]) -> None:
    """Put the matrix of these cases into the page, between its marks."""
    replace_part(PAGE, by="make prove", text=f"{dead(mutants)}{rendered(faults)}")


def dead(mutants: Iterable[Tried]) -> str:
    """Return the table of the mutants and what each of them broke first."""
    why = {mutant.name: mutant.why for mutant in MUTANTS}
    rows = [f"| {each.name} | {why[each.name]} | {_broken(each.told[0])} |" for each in mutants]
    lines = ["\n### Mutants\n", "| mutant | why it is a plausible mistake | broke |", "| --- | --- | --- |"]
    return "\n".join([*lines, *sorted(rows)]) + "\n"


def _broken(violation: str) -> str:
    """Return the promise that was broken, or the step that did not do what it is for."""
    promise = re.match(r"G\d+", violation)
    return promise[0] if promise else violation.partition(":")[0]


def rendered(tried: Iterable[Tried]) -> str:
    """Return the matrix as Markdown: a table for each step."""
    steps: dict[str, list[Tried]] = defaultdict(list)
    for each in tried:
        steps[each.step].append(each)
    total = sum(map(len, steps.values()))
    broken = sum(bool(case.violations) for cases in steps.values() for case in cases)
    parts = [f"\n{total:,} cases, {broken} with a broken promise.\n"]
    parts += [_table(step, cases) for step, cases in sorted(steps.items())]
    return "\n".join(parts)


def _table(step: str, cases: list[Tried]) -> str:
    cells: Cells = defaultdict(lambda: defaultdict(set))
    for case in cases:
        if case.call:
            cells[case.call, case.call_name][case.mode].add(case.told)
    modes = [mode for mode in Mode if any(mode in row for row in cells.values())]
    plain = sorted({_said(case.told) for case in cases if not case.call})
    lines = [
        f"### {step}\n",
        f"{len(cases)} cases. Without a fault: {' or '.join(plain)}.\n",
        "| call | " + " | ".join(modes) + " |",
        "| --- |" + " --- |" * len(modes),
    ]
    for (number, name), row in sorted(cells.items()):
        told = [" or ".join(sorted(map(_said, row[mode]))) for mode in modes]
        if Mode.CRASH_AFTER in cells.get(_before(cells, number), {}) and not row[Mode.CRASH_BEFORE]:
            told[modes.index(Mode.CRASH_BEFORE)] = f"as after {number - 1}"
        lines.append(f"| {number} {name} | " + " | ".join(told) + " |")
    return "\n".join(lines) + "\n"


def _before(cells: Cells, number: int) -> tuple[int, str]:
    return next((key for key in cells if key[0] == number - 1), (0, ""))


def _said(told: tuple[str, ...]) -> str:
    return ", then ".join(told)
