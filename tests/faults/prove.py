"""`make prove`: the whole proof, on as many processes as there are cores, with what it found written down.

Each process has a DynamoDB Local, a store and a local Stripe of its own, and takes one piece after the other.
"""

import argparse
import logging
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkContext, ForkProcess
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.faults import matrix
from tests.faults.machine.cases import Bench
from tests.faults.machine.interleaving import Interleaver
from tests.faults.machine.mutants import unheard
from tests.faults.machine.pairs import PAIRS
from tests.faults.machine.plan import Tried, named
from tests.faults.machine.steps import STEPS
from tests.faults.machine.units import AT_EVERY_CALL, MUTATED, Unit, all_units
from tests.faults.machine.world import running_world
from tests.support.dynamodb_local import running_dynamodb
from tests.support.witness import FOLDER, Witness, write_down

CONSOLE = Console(stderr=True)
MOST_SHOWN = 20
TOLD_SECONDS = 30
"""How often a log that cannot show bars is told how far it is."""


@dataclass
class Findings:
    """What the proof found so far."""

    tried: list[tuple[Unit, Tried]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[Tried]:
        """Return the cases in which a promise was broken."""
        return [tried for _, tried in self.tried if tried.violations]

    @property
    def mutants(self) -> list[Tried]:
        """Return what came of each mutant: the first promise that it broke, the case, the numbers of all promises."""
        return [tried for unit, tried in self.tried if unit.part == MUTATED]


def prove(units: Sequence[Unit], *, processes: int) -> Findings:
    """Work on all pieces, and show how far it is."""
    context: ForkContext = multiprocessing.get_context("fork")
    todo: Any = context.Queue()
    done: Any = context.Queue()
    for number in [*range(len(units)), *[None] * processes]:
        todo.put(number)
    workers = [context.Process(target=_work, args=(units, todo, done)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    findings = Findings()
    try:
        _collect(units, done, workers, findings)
    finally:
        for worker in workers:
            worker.join(10)
            worker.kill()
    return findings


def _collect(units: Sequence[Unit], done: Any, workers: list[ForkProcess], findings: Findings) -> None:
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=CONSOLE) as progress:
        parts = Counter(unit.part for unit in units)
        bars = {part: progress.add_task(part, total=total) for part, total in parts.items()}
        cases = progress.add_task("cases", total=None)
        left, told = len(units), time.monotonic()
        while left and any(worker.is_alive() for worker in workers):
            if done.empty():
                time.sleep(0.05)
                continue
            if not CONSOLE.is_terminal and time.monotonic() - told > TOLD_SECONDS:
                told = time.monotonic()
                CONSOLE.print(f"{len(findings.tried):,} cases, {left} of {len(units)} pieces left")
            number, what = done.get()
            if isinstance(what, Tried):
                findings.tried.append((units[number], what))
                progress.advance(cases)
                if what.violations and len(findings.broken) <= MOST_SHOWN:
                    progress.console.print(f"[red]✗[/red] {what.name}", *what.violations, sep="\n    ")
                continue
            if what is not None:
                findings.failures.append(f"{units[number].part}, {units[number].name}: {what}")
                progress.console.print(f"[red]✗[/red] {findings.failures[-1]}")
            progress.advance(bars[units[number].part])
            left -= 1
        if left:
            findings.failures.append(f"{left} pieces were not finished: a process ended early")


def _work(units: Sequence[Unit], todo: Any, done: Any) -> None:
    """Take one piece after the other until there is none."""
    logging.disable(logging.CRITICAL)
    Witness()
    with running_dynamodb() as engine, running_world(engine.url) as world:
        bench = Bench(world)
        while (number := todo.get()) is not None:
            failure = None
            try:
                for tried in units[number].run(bench):
                    done.put((number, tried))
            except Exception as error:  # noqa: BLE001 - the other pieces are still worth their while.
                failure = f"{type(error).__name__}: {error}"
            done.put((number, failure))
    write_down("proof")


def report(findings: Findings, *, seconds: float) -> None:
    """Print what was run and what it found."""
    table = Table("part", "cases", "promises broken", title=f"{len(findings.tried):,} cases in {seconds:,.0f} s")
    for part, cases in Counter(unit.part for unit, _ in findings.tried).items():
        bad = sum(bool(tried.violations) for unit, tried in findings.tried if unit.part == part)
        table.add_row(part, f"{cases:,}", str(bad))
    CONSOLE.print(table)
    for tried in findings.broken[:MOST_SHOWN]:
        CONSOLE.print(f"run it again: make prove case='{tried.name}'")


def again(name: str) -> int:
    """Run one case again, and tell all of it."""
    pairs = {pair.name: pair for pair in PAIRS}
    with running_dynamodb() as engine, running_world(engine.url) as world:
        world.wire.forgetful = True
        bench = Bench(world)
        whole, _, schedule = name.rpartition("/")
        if whole in pairs:
            order = Interleaver(bench).replay(pairs[whole], schedule)
            calls, told, violations = tuple(order.calls), order.told, order.violations
        else:
            outcome = bench.run(named({step.name: step for step in STEPS}, name))
            calls, told, violations = tuple(call.name for call in outcome.calls), outcome.told, outcome.violations
    for number, call in enumerate(calls, 1):
        CONSOLE.print(f"  {number:2}. {call}")
    CONSOLE.print("told:", *told, sep="\n  ")
    CONSOLE.print("broken:", *(violations or ["nothing"]), sep="\n  ")
    return bool(violations)


def beside(*, processes: int, seed: int) -> int:
    """Run what is no case of the machine: races, parallel and hostile requests, random runs; then compare the roles."""
    CONSOLE.print(f"races, requests from the API's document, random runs (seed {seed})")
    pytest = [sys.executable, "-m", "pytest", "--quiet"]
    tests = ["tests/faults", "--ignore=tests/faults/test_every_call.py", f"--hypothesis-seed={seed}"]
    environment = os.environ | {"PROOF": "full"}
    raced = subprocess.run([*pytest, *tests, "-n", str(processes)], env=environment, check=False)
    # What a role allows without need is found by `make test`, whose run reaches all of every function.
    allowed = ["tests/architecture/permissions/check_observed.py", "-k", "test_allows_all_that_the_function_did"]
    roles = subprocess.run([*pytest, *allowed], env=environment, check=False)
    return raced.returncode or roles.returncode


def seed_of_the_code() -> int:
    """Return a seed that goes with what is checked out, so that a failure comes again with its commit."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout
    return int(head.strip()[:8] or "0", 16)


def main(arguments: Sequence[str]) -> int:
    """Run the proof as the command line says."""
    parser = argparse.ArgumentParser(prog="make prove", description="Prove the promises.")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="pieces whose name starts with this")
    parser.add_argument("--case", default="", help="one case, as a failure names it")
    parser.add_argument("--seed", type=int, default=None, help="of the random runs; else the commit's")
    asked = parser.parse_args(arguments)
    if asked.case:
        return again(asked.case)
    shutil.rmtree(FOLDER, ignore_errors=True)
    units = [unit for unit in all_units() if unit.name.startswith(asked.only)]
    started = time.monotonic()
    findings = prove(units, processes=asked.processes)
    report(findings, seconds=time.monotonic() - started)
    failed = bool(findings.broken or findings.failures)
    if asked.only:
        return failed
    if deaf := unheard(number for mutant in findings.mutants for number in mutant.told[2:]):
        CONSOLE.print(f"[red]✗[/red] no mutant broke {', '.join(deaf)}: whether their checkers notice is not known")
        failed = True
    if not failed:
        matrix.write(
            faults=[tried for unit, tried in findings.tried if unit.part == AT_EVERY_CALL],
            mutants=findings.mutants,
        )
    seed = seed_of_the_code() if asked.seed is None else asked.seed
    failed |= bool(beside(processes=asked.processes, seed=seed))
    verdict = "[red]✗ not proven[/red]" if failed else "[green]✓ proven[/green]"
    CONSOLE.print(f"{verdict} in {(time.monotonic() - started) / 60:.1f} minutes")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
