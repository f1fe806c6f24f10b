"""Every error of every domain has a status, a code of its own and words."""

import importlib
import re
from collections import defaultdict

import pytest

from commerce.entrypoints import problems
from commerce.kernel import errors
from commerce.kernel.errors import CommerceError, Fault
from tests.support.store import ROOT

PACKAGES = ROOT / "layers" / "commerce" / "commerce"


def all_errors() -> list[type[CommerceError]]:
    """Return every error class of the store's code."""
    for file in PACKAGES.rglob("*.py"):
        importlib.import_module(".".join(("commerce", *file.relative_to(PACKAGES).with_suffix("").parts)))
    found: list[type[CommerceError]] = []
    waiting: list[type[CommerceError]] = [CommerceError]
    while waiting:
        children = [child for child in waiting.pop().__subclasses__() if child.__module__.startswith("commerce.")]
        found += children
        waiting += children
    return sorted(set(found), key=lambda error: error.__qualname__)


class TestStatus:
    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (errors.NotFound, 404),
            (errors.Invalid, 422),
            (errors.Conflict, 409),
            (errors.StaleVersion, 412),
            (errors.WriteConflict, 409),
            (errors.Forbidden, 403),
            (errors.Unauthorized, 401),
            (errors.LimitReached, 429),
            (errors.Unavailable, 503),
        ],
    )
    def test_follows_from_the_class(self, error: type[CommerceError], status: int) -> None:
        assert problems.status_of(error()) == status

    def test_of_a_domains_error_is_that_of_its_nearest_class(self) -> None:
        class Sold(errors.Conflict):
            code = "toys.sold"

        assert problems.status_of(Sold()) == 409

    @pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__qualname__)
    def test_is_there_for_every_error(self, error: type[CommerceError]) -> None:
        assert any(kind in problems.STATUSES for kind in error.__mro__)

    @pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__qualname__)
    def test_comes_with_words_and_a_stable_code(self, error: type[CommerceError]) -> None:
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", error.code)
        assert error.title
        assert error.title != CommerceError.title

    def test_has_a_code_of_its_own_for_each_kind(self) -> None:
        owners = defaultdict(set)
        for error in all_errors():
            if "code" in vars(error):
                owners[error.code].add(error.__qualname__)

        assert {code: names for code, names in owners.items() if len(names) > 1} == {}


class TestDocument:
    def test_says_all_that_the_error_knows(self) -> None:
        error = errors.Invalid(
            "Too many.", errors=(Fault(param="a.0", code="x.y", message="Fewer."),), extra={"most": 3}
        )

        assert problems.document(error, request_id="req_1") == {
            "type": "urn:tradewind:problem:request.invalid",
            "title": "The request is not valid",
            "status": 422,
            "code": "request.invalid",
            "detail": "Too many.",
            "errors": [{"param": "a.0", "code": "x.y", "message": "Fewer."}],
            "request_id": "req_1",
            "retryable": False,
            "most": 3,
        }

    def test_makes_no_large_answer_of_a_small_request(self) -> None:
        fault = Fault(param="x" * 60_000, code="x.y", message="y" * 60_000)

        document = problems.document(errors.Invalid("z" * 60_000, errors=(fault,) * 5_000), request_id="r")

        assert [len(text) for text in (document["detail"], *document["errors"][0].values())] == [1000, 1000, 3, 1000]
        assert document["detail"].endswith("z…")
        assert len(document["errors"]) == 100

    def test_falls_back_to_the_title(self) -> None:
        assert problems.document(errors.NotFound(), request_id="r")["detail"] == "Not found"

    def test_asks_for_a_key_when_one_is_missing(self) -> None:
        assert problems.response(errors.Unauthorized(), request_id="r").headers["WWW-Authenticate"] == "Bearer"

    def test_of_a_passing_trouble_can_be_repeated(self) -> None:
        for error in (errors.Unavailable(), errors.WriteConflict(), errors.LimitReached()):
            assert problems.document(error, request_id="r")["retryable"] is True

    def test_joins_the_faults_of_several_lines(self) -> None:
        one = errors.Conflict(errors=(Fault("a", "c", "m"),))
        others = (errors.Conflict(errors=(Fault("b", "c", "m"),)), errors.Conflict())

        assert [fault.param for fault in one.joined(others).errors] == ["a", "b"]
