"""Numbers of businesses, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.taxes.tax_ids import LONGEST, TaxId, read


class TestRead:
    @pytest.mark.parametrize(
        ("text", "value", "country"),
        [
            ("DE136695976", "DE136695976", "DE"),
            (" de 136.695-976 ", "DE136695976", "DE"),
            ("FR 61 954 506 077", "FR61954506077", "FR"),
            ("ESA15075062", "ESA15075062", "ES"),
            ("BE697449992", "BE0697449992", "BE"),
            ("EL 094259216", "EL094259216", "GR"),
            ("GR 094259216", "EL094259216", "GR"),
            ("XI 980 7806 84", "XI980780684", "XI"),
            ("GB 980 7806 84", "GB980780684", "GB"),
            ("CHE-107.787.577 MWST", "CHE107787577", "CH"),
            ("CHE107787577", "CHE107787577", "CH"),
            ("NO 995 525 828 MVA", "NO995525828MVA", "NO"),
        ],
    )
    def test_brings_numbers_into_their_normal_form(self, text: str, value: str, country: str):
        assert read(text) == TaxId(value, country)
        assert read(value) == TaxId(value, country)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("DE136695970", "checksum"),
            ("GB980780685", "checksum"),
            ("CHE107787578", "checksum"),
            ("NO995525829MVA", "checksum"),
            ("DE13669597", "format"),
            ("DE", "format"),
            ("NO995525828", "format"),
            ("", "format"),
            ("DÉ136695976", "format"),
            ("D" * 41, "format"),
            ("136695976", "unknown_country"),
            ("US123456789", "unknown_country"),
            ("EU372022452", "unknown_country"),
        ],
    )
    def test_says_what_is_wrong(self, text: str, problem: str):
        assert read(text).problem == problem

    @pytest.mark.parametrize(
        ("text", "asked"),
        [("DE136695976", True), ("EL094259216", True), ("XI980780684", True), ("GB980780684", False), ("DE1", False)],
    )
    def test_knows_what_the_eus_register_knows(self, text: str, asked: bool):  # noqa: FBT001
        assert read(text).is_asked_at_vies is asked

    @given(st.text(max_size=60) | st.from_regex(r"(DE|FR|EL|XI|GB|CHE|NO|IE|IT)[A-Z0-9 .-]{0,20}", fullmatch=True))
    def test_bears_anything(self, text: str):
        found = read(text)

        assert len(found.value) <= LONGEST
        assert found.problem is not None or read(found.value) == found
