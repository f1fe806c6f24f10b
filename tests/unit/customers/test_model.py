"""Addresses and e-mail addresses."""

import pycountry
import pytest
from pydantic import TypeAdapter, ValidationError

from commerce.customers.model import Address, CountryCode, Email, PostalAddress, email_key

EMAIL = TypeAdapter(Email)
COUNTRY = TypeAdapter(CountryCode)
GIVEN = {"name": "Ann Berg", "line1": "Kaigaten 1", "city": "Bergen", "country": "NO"}


class TestEmail:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("ann@example.com", "ann@example.com"),
            ("  Ann.Berg+shop@Example.COM ", "Ann.Berg+shop@example.com"),
            ("ann@bücher.example.com", "ann@xn--bcher-kva.example.com"),
        ],
    )
    def test_keeps_what_a_mail_server_takes(self, sent: str, kept: str):
        assert EMAIL.validate_python(sent) == kept

    @pytest.mark.parametrize(
        "sent",
        ["", "ann", "@example.com", "ann@", "ann@localhost", "a b@example.com", "ann@exa mple.com", "ann@1.2.3.4",
         "Ann <ann@example.com>", "ann@example.com,bo@example.com", "änn@example.com", "ann@example..com",
         "a" * 65 + "@example.com", "ann@example.com\r\nBcc: x@example.com", "\x00ann@example.com"],
    )  # fmt: skip
    def test_refuses_what_is_none(self, sent: str):
        with pytest.raises(ValidationError):
            EMAIL.validate_python(sent)

    def test_compares_without_case(self):
        assert email_key("Ann@Example.com ") == email_key("ann@example.com")


class TestCountryCode:
    def test_is_any_of_the_standard(self):
        codes = [country.alpha_2 for country in pycountry.countries]

        assert [COUNTRY.validate_python(code) for code in codes] == codes

    @pytest.mark.parametrize("sent", ["no", "NOR", "XX", "UK", "EU", "", "N", "N0"])
    def test_is_nothing_else(self, sent: str):
        with pytest.raises(ValidationError):
            COUNTRY.validate_python(sent)


class TestAddress:
    def test_is_kept_as_it_was_given(self):
        address = Address.model_validate({**GIVEN, "name": "  Ann Berg ", "line2": "", "phone": None})

        assert PostalAddress(**address.model_dump()).model_dump(exclude_none=True) == GIVEN

    @pytest.mark.parametrize("missing", ["name", "line1", "city", "country"])
    def test_needs_its_main_parts(self, missing: str):
        with pytest.raises(ValidationError):
            Address.model_validate({name: value for name, value in GIVEN.items() if name != missing})
