"""How codes are compared and drawn."""

import re

import pytest

from commerce.promotions.codes import ALPHABET, drawn, normalized


class TestNormalized:
    @pytest.mark.parametrize("text", ["SUMMER25", "summer25", " Summer-25 ", "sum.mer_2 5", "\uff33UMMER25"])
    def test_does_not_mind_case_and_separators(self, text: str) -> None:
        assert normalized(text) == "SUMMER25"

    @pytest.mark.parametrize("text", ["", "AB", "A" * 41, "SÜMMER", "A/B/C", "---"])
    def test_refuses_what_is_no_code(self, text: str) -> None:
        with pytest.raises(ValueError, match="3 to 40"):
            normalized(text)


class TestDrawn:
    def test_is_readable_and_its_own_normal_form(self) -> None:
        codes = {drawn("VIP") for _ in range(500)}

        assert len(codes) == 500
        assert all(re.fullmatch(rf"VIP(-[{ALPHABET}]{{4}}){{3}}", code) for code in codes)
        assert all(normalized(code) == code.replace("-", "") for code in codes)

    def test_has_no_letters_that_look_alike_and_makes_no_words(self) -> None:
        assert set("0O1ILAEIU").isdisjoint(ALPHABET)
        assert len(set(ALPHABET)) == len(ALPHABET) == 28
        assert set("".join(drawn("") for _ in range(200))) == {*ALPHABET, "-"}
