"""People as the shop knows them: e-mail addresses and postal addresses."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from commerce.kernel.schema import Input, Line, OptionalLine, Output

LONGEST_EMAIL = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3, less the angle brackets)."""


def _is_email(text: str) -> str:
    # Importing the library compiles large patterns (25 ms of CPU), which only callers who send an address should pay.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        # SES sends to no local part beyond ASCII: https://docs.aws.amazon.com/ses/latest/dg/send-email-raw.html
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        message = f"this is not an e-mail address: {error}"
        raise ValueError(message) from error
    return found.ascii_email or found.normalized


def _is_country(code: str) -> str:
    # Its database takes 10 ms of CPU to load, which only callers who send an address should pay.
    import pycountry  # noqa: PLC0415

    if pycountry.countries.get(alpha_2=code) is None:
        message = "this is not an ISO 3166-1 country code"
        raise ValueError(message)
    return code


def _or_none(text: str | None) -> str | None:
    return text or None


Email = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=LONGEST_EMAIL), AfterValidator(_is_email)
]
"""An e-mail address: valid by its form, trimmed, its domain in lower case and in ASCII. Nobody asked the DNS."""

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_is_country)]
"""An ISO 3166-1 alpha-2 code in capitals."""

Blankable = Annotated[OptionalLine | None, AfterValidator(_or_none)]
"""A line that may be missing; an empty one counts as missing, as forms send it."""


class Address(Input):
    """Where goods or bills go."""

    name: Line
    line1: Line = Field(description="Street and number.")
    line2: Blankable = None
    city: Line
    region: Blankable = Field(None, description="State, province or county.")
    postal_code: Blankable = None
    country: CountryCode = Field(description="ISO 3166-1 alpha-2 code, for example DE.")
    phone: Blankable = None


class PostalAddress(Output):
    """An address as it was given: it was checked then, and is not again with each reading."""

    name: str
    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str = Field(description="ISO 3166-1 alpha-2 code.")
    phone: str | None = None


def email_key(email: str) -> str:
    """Return what tells people apart by their e-mail address: hardly any server minds the case of the local part."""
    return email.strip().lower()
