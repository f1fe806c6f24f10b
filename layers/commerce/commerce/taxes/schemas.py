"""What callers read about taxes: lines with their tax, and tax ids that were checked."""

from typing import Literal, Self

from pydantic import Field

from commerce.kernel.money import Money
from commerce.kernel.schema import Instant, Output
from commerce.taxes.lines import Buyer, Reason, Taxed, TaxLine
from commerce.taxes.tax_ids import Problem, TaxId


class TaxPart(Output):
    """The part of a tax that one rate makes."""

    name: str
    rate: str = Field(description="A decimal number: `0.19`; empty where the provider does not tell.")
    tax: Money
    net: Money | None = Field(None, description="The part of the line's net that it is taken of; null: all of it.")


class TaxedLine(Output):
    """What a line costs without tax and with it. `net + tax = gross`, and the parts add up to the tax."""

    key: str = Field(description="The SKU, or the name of what is no goods, for example `shipping`.")
    is_shipping: bool
    amount: Money = Field(description="The price, after discounts, before it was restated for the destination.")
    charged: Money = Field(description="What it counts for in the total: with tax where prices include it.")
    net: Money
    tax: Money
    gross: Money
    parts: tuple[TaxPart, ...]
    country: str = Field(description="Whose tax it is (ISO 3166-1); empty where there is none.")
    rule: str = Field(description="The ids of the rates, joined by `+`, or what decided that there are none.")
    reason: Reason

    @classmethod
    def of(cls, line: TaxLine, *, currency: str, is_shipping: bool) -> Self:
        """Return a line as it is answered and stored."""
        amounts = {
            name: Money(amount=getattr(line, name), currency=currency)
            for name in ("amount", "charged", "net", "tax", "gross")
        }
        parts = tuple(
            TaxPart(
                name=part.name,
                rate=part.rate,
                tax=Money(amount=part.tax, currency=currency),
                net=Money(amount=part.net, currency=currency) if part.net is not None else None,
            )
            for part in line.parts
        )
        return cls(
            key=line.key,
            is_shipping=is_shipping,
            parts=parts,
            country=line.country,
            rule=line.rule,
            reason=line.reason,
            **amounts,
        )


def lines_of(taxed: Taxed, *, currency: str) -> tuple[TaxedLine, ...]:
    """Return all lines, goods first, as they are answered and stored."""
    return (
        *(TaxedLine.of(line, currency=currency, is_shipping=False) for line in taxed.lines.values()),
        *(TaxedLine.of(line, currency=currency, is_shipping=True) for line in taxed.shipping.values()),
    )


class TaxIdCheck(Output):
    """What is known of a business's number. `offline`: its form and check digits only; nobody was asked."""

    tax_id: str = Field(description="In its normal form: capitals and digits, its country's letters first.")
    country: str = Field(description="Who gave it out (ISO 3166-1, `XI` for Northern Ireland); empty: nobody known.")
    valid: bool
    checked: Literal["offline", "online"] = Field(description="`online`: its register was asked.")
    checked_at: Instant | None = Field(None, description="When the register was asked.")
    consultation_number: str | None = Field(None, description="The register's proof of that.")
    name: str | None = Field(None, description="Whose it is, where the register tells.")
    problem: Problem | None = Field(None, description="What is wrong with its form.")

    @classmethod
    def offline(cls, tax_id: TaxId) -> Self:
        """Return what can be said without asking anybody."""
        return cls(
            tax_id=tax_id.value,
            country=tax_id.country,
            valid=tax_id.problem is None,
            checked="offline",
            problem=tax_id.problem,
        )


def buyer_of(check: TaxIdCheck | None, *, customer_id: str | None = None) -> Buyer:
    """Return whoever buys, as the rules see them."""
    if check is None:
        return Buyer(customer_id=customer_id)
    return Buyer(
        customer_id=customer_id,
        tax_id=check.tax_id,
        tax_id_valid=check.valid,
        checked_online=check.checked == "online",
    )
