"""The client of the EU's register against answers of all kinds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from commerce.adapters import vies
from commerce.adapters.circuit import REST
from commerce.adapters.json_http import JsonHttp, NoAnswer
from commerce.adapters.vies import Registered
from commerce.kernel.config import settings
from tests.support.vies import RAW, SPOILED, Vies, running_vies

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vies]:
    """A register that is given more time than shoppers have: the machine may be busy."""
    patient = JsonHttp(seconds=20)
    with running_vies() as running:
        running.registered["DE136695976"] = "Harbor\n Goods GmbH"
        monkeypatch.setenv("VIES_API_BASE", running.url)
        monkeypatch.setattr(vies, "http", lambda: patient)
        settings.cache_clear()
        vies.circuit.succeeded()
        yield running
        vies.circuit.succeeded()
        patient.close()
    settings.cache_clear()


def ask(number: str = "136695976", *, requester: tuple[str, str] | None = None, now: datetime = NOW) -> Registered:
    return vies.check(prefix="DE", number=number, requester=requester, now=now)


class TestCheck:
    def test_tells_whose_number_it_is(self, register: Vies):
        assert ask() == Registered(valid=True, consultation_number=None, name="Harbor Goods GmbH")
        assert register.asked == [{"path": "/check-vat-number", "countryCode": "DE", "vatNumber": "136695976"}]

    def test_brings_a_proof_for_whoever_says_who_they_are(self, register: Vies):
        found = ask(requester=("FR", "61954506077"))

        assert found.consultation_number == "WAPIAAAAaEDkvhHx"
        assert (register.asked[0]["requesterMemberStateCode"], register.asked[0]["requesterNumber"]) == (
            "FR",
            "61954506077",
        )

    def test_tells_of_numbers_that_are_not_registered(self, register: Vies):
        assert ask("811115368") == Registered(valid=False, consultation_number=None, name=None)

    def test_takes_input_that_the_register_calls_invalid_for_a_no(self, register: Vies):
        register.mode = "invalid_input"

        assert ask().valid is False

    @pytest.mark.parametrize(
        "mode", ["ms_unavailable", "too_many", "ip_blocked", "hangs up", "elsewhere", *SPOILED, *RAW]
    )
    def test_takes_nothing_else_for_an_answer(self, register: Vies, mode: str):
        register.mode = mode

        with pytest.raises(NoAnswer):
            ask()
        assert len(register.asked) == 1, "nobody repeats, and nobody follows"

    @pytest.mark.parametrize("mode", ["slow", "drips"])
    def test_waits_no_longer_than_it_may(self, register: Vies, monkeypatch: pytest.MonkeyPatch, mode: str):
        hasty = JsonHttp(seconds=0.2)
        monkeypatch.setattr(vies, "http", lambda: hasty)
        register.mode = mode
        began = monotonic()

        with pytest.raises(NoAnswer):
            ask()
        assert monotonic() - began < 4, "the whole answer would take longer"
        hasty.close()

    def test_takes_a_register_that_is_not_there_for_none(self, register: Vies, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("VIES_API_BASE", "http://127.0.0.1:9")
        settings.cache_clear()

        with pytest.raises(NoAnswer):
            ask()


class TestCircuit:
    def test_leaves_a_register_alone_that_failed_three_times_and_tries_again_after_a_rest(self, register: Vies):
        register.mode = "ms_unavailable"
        for _ in range(5):
            with pytest.raises(NoAnswer):
                ask()
        register.mode = "answers"

        assert len(register.asked) == 3
        with pytest.raises(NoAnswer):
            ask(now=NOW + REST - timedelta(seconds=1))
        assert ask(now=NOW + REST).valid
        assert ask(now=NOW).valid, "an answer ends it"

    def test_counts_failures_in_a_row_alone(self, register: Vies):
        for mode in ("ms_unavailable", "ms_unavailable", "answers", "ms_unavailable", "ms_unavailable", "answers"):
            register.mode = mode
            try:
                assert ask().valid
            except NoAnswer:
                assert mode == "ms_unavailable"

        assert len(register.asked) == 6
