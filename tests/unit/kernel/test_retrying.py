"""What is tried again, how often, and what is raised in the end."""

import subprocess
import sys

import pytest

from commerce.kernel.retrying import Patience, again_after

QUICK = Patience(first_wait=0.0001, longest_wait=0.001)


class Clash(Exception):
    pass


class Failing:
    """Fails so many times, then answers."""

    def __init__(self, times: int, error: type[Exception] = Clash) -> None:
        self.calls = 0
        self._times = times
        self._error = error

    def __call__(self, answer: str = "done") -> str:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error(f"attempt {self.calls}")
        return answer


class TestAgainAfter:
    @pytest.mark.parametrize("failures", [0, 1, 3])
    def test_tries_until_it_is_done(self, failures: int) -> None:
        work = Failing(failures)

        assert again_after(Clash, patience=QUICK)(work)("well") == "well"
        assert work.calls == failures + 1

    def test_raises_the_last_error_when_patience_ends(self) -> None:
        work = Failing(9)

        with pytest.raises(Clash, match="attempt 4"):
            again_after(Clash, patience=QUICK)(work)()
        assert work.calls == 4

    def test_lets_other_errors_through_at_once(self) -> None:
        work = Failing(1, error=KeyError)

        with pytest.raises(KeyError):
            again_after(Clash, patience=QUICK)(work)()
        assert work.calls == 1

    def test_lets_other_errors_through_later_too(self) -> None:
        def work() -> None:
            errors.append(len(errors))
            raise (Clash if len(errors) == 1 else KeyError)

        errors: list[int] = []

        with pytest.raises(KeyError):
            again_after(Clash, patience=QUICK)(work)()
        assert len(errors) == 2

    def test_asks_whether_an_error_passes(self) -> None:
        work = Failing(9)

        with pytest.raises(Clash, match="attempt 2"):
            again_after(Clash, patience=QUICK, when=lambda error: str(error) == "attempt 1")(work)()

    def test_begins_nothing_after_its_time(self) -> None:
        work = Failing(9)

        with pytest.raises(Clash):
            again_after(Clash, patience=QUICK._replace(attempts=None, seconds=0))(work)()
        assert work.calls == 1

    def test_goes_on_without_end_of_attempts_while_there_is_time(self) -> None:
        work = Failing(30)

        assert again_after(Clash, patience=QUICK._replace(attempts=None, seconds=60))(work)() == "done"

    def test_costs_no_import_while_nothing_fails(self) -> None:
        code = (
            "import sys\n"
            "from commerce.kernel.retrying import again_after\n"
            "again_after(ValueError)(int)('1')\n"
            "sys.exit('tenacity' in sys.modules)"
        )

        assert (
            subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": "layers/commerce"}).returncode
            == 0
        )
