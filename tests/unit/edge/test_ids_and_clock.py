"""Ids and the one clock."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import BaseModel, ValidationError

from commerce.kernel import clock
from commerce.kernel.ids import new_id
from commerce.kernel.schema import Handle, Instant, Line, Slug, Text


class TestIds:
    def test_name_their_kind_and_hold_128_random_bits(self) -> None:
        assert re.fullmatch(r"ord_[a-z2-7]{26}", new_id("ord"))

    def test_are_never_the_same_twice(self) -> None:
        assert len({new_id("x") for _ in range(1000)}) == 1000


class TestClock:
    @pytest.fixture(autouse=True)
    def _unmoved(self) -> Iterator[None]:
        clock.set_offset(0)
        yield
        clock.set_offset(0)

    def test_tells_utc_to_the_millisecond(self) -> None:
        moment = clock.now()

        assert moment.tzinfo is UTC
        assert moment.microsecond % 1000 == 0
        assert datetime.fromisoformat(clock.text(moment)) == moment

    def test_moves_when_told(self) -> None:
        before = clock.now()

        clock.set_offset(3600)

        assert timedelta(minutes=59) < clock.now() - before < timedelta(minutes=61)

    def test_writes_rfc_3339_that_sorts_by_time(self) -> None:
        start = datetime(2026, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
        moments = [start + timedelta(milliseconds=step) for step in (0, 1, 2, 1000, 10**9)]

        texts = [clock.text(moment) for moment in moments]

        assert texts[0] == "2026-12-31T23:59:59.999Z"
        assert texts == sorted(texts)
        assert len({len(text) for text in texts}) == 1

    def test_writes_other_zones_in_utc(self) -> None:
        moment = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))

        assert clock.text(moment) == "2025-12-31T23:30:00.000Z"

    def test_counts_seconds_as_stripe_does(self) -> None:
        moment = datetime(2026, 11, 22, 14, 30, 40, 900000, tzinfo=UTC)

        assert clock.epoch(moment) == 1795357840
        assert clock.from_epoch(1795357840) == moment.replace(microsecond=0)


class Shape(BaseModel):
    line: Line = "x"
    text: Text = ""
    handle: Handle = "x"
    slug: Slug = "x"
    at: Instant | None = None


class TestPlainTypes:
    @pytest.mark.parametrize("value", ["", "   ", "a\nb", "a\tb", "\x00", "a\x1bb", "a\x7f", "x" * 201])
    def test_a_line_is_one_line_that_says_something(self, value: str) -> None:
        with pytest.raises(ValidationError):
            Shape(line=value)

    def test_a_line_is_trimmed(self) -> None:
        assert Shape(line="  Zoë's mug  ").line == "Zoë's mug"

    @pytest.mark.parametrize("value", ["\x00", "a\x0bb", "a\rb", "x" * 20_001])
    def test_a_text_has_no_control_characters(self, value: str) -> None:
        with pytest.raises(ValidationError):
            Shape(text=value)

    @pytest.mark.parametrize("value", ["", "a b", "a/b", "a#b", "é", "..%2f", "x" * 81, "a\n"])
    def test_a_handle_is_safe_in_a_path_and_a_key(self, value: str) -> None:
        with pytest.raises(ValidationError):
            Shape(handle=value)

    @pytest.mark.parametrize("value", ["", "A", "-a", "a-", "a_b", "a--", "x" * 81, "a\n"])
    def test_a_slug_is_lower_case_words(self, value: str) -> None:
        with pytest.raises(ValidationError):
            Shape(slug=value)

    def test_an_instant_is_rfc_3339_on_the_wire(self) -> None:
        shape = Shape.model_validate_json('{"at": "2026-11-22T16:30:40+02:00"}')

        assert shape.model_dump(mode="json")["at"] == "2026-11-22T14:30:40.000Z"
