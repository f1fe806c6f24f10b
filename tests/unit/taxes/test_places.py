"""Places, as people write them and as rules tell them apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.taxes.model import Registration, TaxRules
from commerce.taxes.places import Place, PostalCodes, plain_code
from commerce.taxes.territories import member_state

RULES = TaxRules(registrations=(Registration("US", region="CA"), Registration("CA", region="QC")))


class TestPlace:
    @pytest.mark.parametrize(
        ("country", "region", "code"),
        [
            ("US", "CA", "CA"),
            ("US", " us-ca ", "CA"),
            ("US", "California", "CA"),
            ("CA", "quebec", "QC"),
            ("CA", "Québec", "QC"),
            ("US", "Atlantis", ""),
            ("US", "", ""),
            ("US", None, ""),
            ("DE", "Bayern", ""),
            ("DE", "BY", "BY"),
        ],
    )
    def test_knows_regions_by_code_and_where_it_matters_by_name(self, country: str, region: str | None, code: str):
        assert RULES.place(country, region=region).region == code

    @pytest.mark.parametrize(("text", "plain"), [("sw1a 1aa", "SW1A1AA"), ("90001-1234", "900011234"), (None, "")])
    def test_compares_letters_and_digits_of_postal_codes(self, text: str | None, plain: str):
        assert RULES.place("GB", postal_code=text).postal_code == plain

    @given(st.text(max_size=30))
    def test_bears_anything(self, text: str):
        found = RULES.place("US", region=text, postal_code=text)

        assert plain_code(found.postal_code) == found.postal_code
        assert found.region.upper() == found.region


class TestPostalCodes:
    @pytest.mark.parametrize(
        ("first", "last", "code", "held"),
        [
            ("35", "35", "35001", True),
            ("35", "35", "3", False),
            ("35", "35", "", False),
            ("90001", "90099", "900991234", True),
            ("90001", "90099", "90100", False),
            ("90001", "90099", "9000", False),
            ("A1", "C9", "B5X", True),
            ("A1", "C9", "D1", False),
        ],
    )
    def test_hold_codes_by_how_they_begin(self, first: str, last: str, code: str, held: bool):  # noqa: FBT001
        assert PostalCodes(first, last).holds(code) is held

    def test_are_the_more_exact_the_fewer_they_are(self):
        runs = [
            PostalCodes(*ends)
            for ends in (("9", "9"), ("90", "91"), ("90", "90"), ("90000", "90099"), ("90001", "90001"))
        ]

        assert sorted(runs, key=lambda run: run.share, reverse=True) == runs


class TestMemberState:
    @pytest.mark.parametrize(
        ("place", "member"),
        [
            (Place("DE"), "DE"),
            (Place("MC"), "FR"),
            (Place("GB", postal_code="BT11AA"), "XI"),
            (Place("GB", postal_code="SW1A1AA"), None),
            (Place("NO"), None),
            (Place("ES", postal_code="28001"), "ES"),
            (Place("ES", region="TF"), None),
            (Place("FR", postal_code="97100"), None),
            (Place("IT", postal_code="22060"), "IT"),
        ],
    )
    def test_is_whose_tax_territory_a_place_lies_in(self, place: Place, member: str | None):
        assert member_state(place) == member
