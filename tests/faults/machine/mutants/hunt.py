"""The hunt: each mutant is tried until a promise is broken. One that breaks none shows where the machine is blind."""

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from tests.faults.machine.cases import Bench
from tests.faults.machine.guarantees import GUARANTEES
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import Trial, Tried


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the hunt for one mutant.

    :ivar broken: the first promise that it broke; empty when it survived.
    :ivar promises: the numbers of all promises that it broke in that case.
    :ivar case: the case that showed it.
    :ivar cases: how many it took, those without the mutant included.
    """

    mutant: Mutant
    broken: str
    promises: frozenset[str]
    case: str
    cases: int

    @property
    def survived(self) -> bool:
        return not self.broken

    def __str__(self) -> str:
        if self.survived:
            return f"{self.mutant.name}: survived {self.cases} cases"
        return f"{self.mutant.name}: {self.broken} ({self.case})"


_SOUND: WeakKeyDictionary[Bench, set[Trial]] = WeakKeyDictionary()
"""What was run without a mutant on each bench."""


def hunted(mutant: Mutant, bench: Bench) -> Verdict:
    """Try a mutant until it breaks a promise; only what breaks because of the mutant counts.

    :raises DoesNotFit: when the mutant is not true to the code any more.
    :raises AssertionError: when a case breaks a promise without the mutant.
    """
    cases = 0
    for trial in mutant.kills:
        cases += _shown_sound(trial, bench)
        with mutant.at_work():
            for tried in trial.run(bench):
                cases += 1
                if tried.violations:
                    return Verdict(mutant, tried.violations[0], _numbers(tried), tried.case, cases)
    return Verdict(mutant, "", frozenset(), "", cases)


def _numbers(tried: Tried) -> frozenset[str]:
    numbers = {guarantee.number for guarantee in GUARANTEES}
    return frozenset(numbers & {violation.partition(" ")[0] for violation in tried.violations})


def _shown_sound(trial: Trial, bench: Bench) -> int:
    """Run a trial without a mutant, unless that was done; return how many cases it took."""
    sound = _SOUND.setdefault(bench, set())
    if trial in sound:
        return 0
    found: list[Tried] = list(trial.run(bench))
    for tried in found:
        assert not tried.violations, f"without a mutant: {tried.case}: {tried.violations}"
    sound.add(trial)
    return len(found)


def unheard(broken: Iterable[str]) -> list[str]:
    """Return the promises that no mutant broke: nobody has seen their checkers notice anything.

    :param broken: the numbers of the promises that were broken.
    """
    return sorted({guarantee.number for guarantee in GUARANTEES}.difference(broken))
