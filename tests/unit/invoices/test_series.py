"""Patterns of numbers, and what a number tells."""

import pytest

from commerce.invoices.series import Pattern, place_of


class TestPattern:
    def test_names_the_series_by_what_stands_before_the_number(self) -> None:
        pattern = Pattern.parsed("INV-{year}-{number:06}")

        assert (pattern.series(2026), pattern.number(2026, 17)) == ("INV-2026-", "INV-2026-000017")

    def test_needs_no_year_and_no_width(self) -> None:
        pattern = Pattern.parsed("R{number}")

        assert (pattern.series(2026), pattern.series(2027), pattern.number(2026, 17)) == ("R", "R", "R17")

    def test_lets_numbers_grow_beyond_their_width(self) -> None:
        assert Pattern.parsed("R{number:03}").number(2026, 12345) == "R12345"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "INV",
            "{number}",
            "{number:06}",
            "1{number}",
            "INV-2{number}",
            "INV-{year}{number}",
            "{year}-{year}-{number}",
            "INV/{number}",
            "INV {number}",
            "INV-{number}-A",
            "INV-{number:6}",
            "INV-{number:010}",
            "INV-{month}-{number}",
            "İ-{number}",
            "A" * 31 + "{number}",
        ],
    )
    def test_is_refused_where_a_number_could_not_be_told_from_its_series_or_cannot_stand_in_an_address(
        self, text: str
    ) -> None:
        with pytest.raises(ValueError, match=r"this must be|the part before|must stand before"):
            Pattern.parsed(text)


class TestPlace:
    @pytest.mark.parametrize("pattern", ["INV-{year}-{number:06}", "R{number}", "a.b_{year}.{number:02}"])
    @pytest.mark.parametrize("position", [1, 9, 10, 999_999, 1_000_000])
    def test_is_told_by_the_number_itself(self, pattern: str, position: int) -> None:
        parsed = Pattern.parsed(pattern)

        assert place_of(parsed.number(2026, position)) == (parsed.series(2026), position)

    @pytest.mark.parametrize("number", ["", "INV", "17", "INV-", "INV-" + "1" * 16 + "x"])
    def test_is_none_for_what_is_no_number(self, number: str) -> None:
        assert place_of(number) is None
