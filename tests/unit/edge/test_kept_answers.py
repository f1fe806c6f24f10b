"""Reads that are the same for everybody: kept for some seconds, revalidated by their ETag."""

from collections.abc import Iterator
from typing import Any

import pytest

from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.kernel.errors import NotFound
from tests.support.store import Answer, Store, running_store
from tests.unit.edge.toys import Workshop, send

KEPT_SECONDS = 5


@pytest.fixture
def store() -> Iterator[Store]:
    with running_store(READ_CACHE_SECONDS=str(KEPT_SECONDS)) as store:
        yield store


@pytest.fixture
def workshop(store: Store) -> Workshop:
    return Workshop()


def show(workshop: Workshop, toy: str = "t1", *, query: str = "", known: str | None = None) -> Answer:
    headers: dict[str, Any] = {} if known is None else {"if_none_match": known}
    return send(workshop.shown, method="GET", path=f"/v1/toys/{toy}/page", query=query, **headers)


class TestKept:
    def test_is_what_was_answered_seconds_ago(self, workshop: Workshop) -> None:
        first, again = show(workshop), show(workshop)

        assert again.body == first.body
        assert again.headers == first.headers
        assert workshop.looks == 1

    def test_is_looked_up_anew_when_its_time_is_over(self, workshop: Workshop) -> None:
        show(workshop)
        clock.set_offset(KEPT_SECONDS + 1)

        assert show(workshop).body["text"] == "look 2"

    def test_is_an_answer_to_this_address_alone(self, workshop: Workshop) -> None:
        asked = [("t1", ""), ("t2", ""), ("t1", "currency=EUR"), ("t1", "currency=USD")]

        answers = [show(workshop, toy, query=query) for toy, query in asked]

        assert [(it.body["id"], it.body["currency"]) for it in answers] == [
            ("t1", None),
            ("t2", None),
            ("t1", "EUR"),
            ("t1", "USD"),
        ]

    def test_is_never_a_refusal(self, workshop: Workshop) -> None:
        workshop.error = NotFound()
        assert show(workshop).status == 404
        workshop.error = None

        assert show(workshop).status == 200

    def test_is_read_again_each_time_where_nothing_may_be_kept(
        self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("READ_CACHE_SECONDS", "0")
        settings.cache_clear()

        assert [show(workshop).body["text"], show(workshop).body["text"]] == ["look 1", "look 2"]


class TestETag:
    def test_answers_304_without_a_body_to_who_has_the_same(self, workshop: Workshop) -> None:
        tag = show(workshop).headers["ETag"]

        again = show(workshop, known=tag)

        assert (again.status, again.body) == (304, None)
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=30"

    @pytest.mark.parametrize("known", ["W/{tag}", '"other", {tag}', "*", '"other",W/{tag} ,"third"'])
    def test_is_compared_weakly_with_each_that_the_caller_has(self, workshop: Workshop, known: str) -> None:
        tag = show(workshop).headers["ETag"]

        assert show(workshop, known=known.format(tag=tag)).status == 304

    @pytest.mark.parametrize("known", ["", '"other"', ",", "W/"])
    def test_of_something_else_gets_the_answer(self, workshop: Workshop, known: str) -> None:
        assert show(workshop, known=known).body["text"] == "look 1"

    def test_holds_also_when_nothing_is_kept_any_more(self, workshop: Workshop) -> None:
        tag = show(workshop).headers["ETag"]
        workshop.looks = 0
        clock.set_offset(KEPT_SECONDS + 1)

        assert show(workshop, known=tag).status == 304
        assert workshop.looks == 1

    def test_changes_with_what_is_shown(self, workshop: Workshop) -> None:
        before = show(workshop).headers["ETag"]
        clock.set_offset(KEPT_SECONDS + 1)

        assert show(workshop).headers["ETag"] != before
