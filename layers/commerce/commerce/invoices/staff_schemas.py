"""How the shop invoices, as staff send and read it."""

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, Strict, StringConstraints

from commerce.customers.model import Blankable, CountryCode
from commerce.invoices.model import Invoicing, IssueWhen, Seller
from commerce.invoices.series import Pattern
from commerce.kernel.money import CurrencyCode
from commerce.kernel.schema import Input, Line, Output

MOST_NOTES = 10


def _is_pattern(text: str) -> str:
    Pattern.parsed(text)
    return text


def _is_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        message = "this is not the name of a time zone, such as Europe/Berlin"
        raise ValueError(message) from error
    return name


NumberPattern = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_is_pattern)]
"""`INV-{year}-{number:06}`."""

TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$"), AfterValidator(_is_time_zone)]
"""A name of the IANA time zone database."""

Moment = Annotated[IssueWhen, Strict(strict=False)]


class PutSeller(Input):
    """Who sells."""

    legal_name: Line
    line1: Line = Field(description="Street and number.")
    line2: Blankable = None
    city: Line
    region: Blankable = None
    postal_code: Blankable = None
    country: CountryCode
    tax_id: Blankable = Field(
        None, description="VAT identification number, or what tells the seller to the tax office."
    )
    registration: Blankable = Field(None, description="Court and number of the commercial register.")
    email: Blankable = None
    phone: Blankable = None


class PutInvoicing(Input):
    """How the shop invoices, whole: what is left out gets its default."""

    seller: PutSeller
    active: bool = Field(default=True, description="Whether orders get invoices by themselves.")
    issue_when: Moment = Field(
        IssueWhen.PAID, description="Whether an order gets its invoice when it is paid or when it is placed."
    )
    time_zone: TimeZone = Field("UTC", description="In which the dates of invoices are, and their years begin.")
    invoice_numbers: NumberPattern = Field(
        "INV-{year}-{number:06}",
        description="`{number:06}` counts without gaps, in six digits or more; `{year}` starts a new series each year.",
    )
    credit_note_numbers: NumberPattern = Field("CN-{year}-{number:06}", description="The same for credit notes.")
    tax_currency: CurrencyCode | None = Field(
        None,
        description="Currency in which tax is owed; others tell it in this one too, where the rate is known.",
    )
    notes: list[Line] = Field([], max_length=MOST_NOTES, description="Sentences at the end of each invoice.")


class InvoicingView(Output):
    """How the shop invoices."""

    seller: Seller | None = Field(description="Null while nobody said who sells; nothing is issued then.")
    active: bool
    issue_when: IssueWhen
    time_zone: str
    invoice_numbers: str
    credit_note_numbers: str
    tax_currency: str | None
    notes: tuple[str, ...]
    version: int = Field(description="0 while nobody set it.")

    @classmethod
    def of(cls, invoicing: Invoicing) -> Self:
        """Return how the settings look to staff."""
        return cls(**{name: getattr(invoicing, name) for name in cls.model_fields})
