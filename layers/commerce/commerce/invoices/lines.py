"""The lines of an invoice: what each costs without tax, its taxes, and why it has none. Pure: no I/O, no clock."""

from fractions import Fraction

from commerce.invoices.model import DocumentLine, Seller, TaxPart, UnbalancedSale
from commerce.invoices.sale import LineTax, Sale, SaleLine, TaxTreatment
from commerce.kernel.rounding import rounded
from commerce.taxes.places import Place, plain_code, short_region
from commerce.taxes.territories import member_state

TITLES: dict[TaxTreatment, str] = {
    TaxTreatment.EXEMPT: "Exempt",
    TaxTreatment.REVERSE_CHARGE: "Reverse charge",
    TaxTreatment.INTRA_COMMUNITY: "Intra-Community supply",
    TaxTreatment.EXPORT: "Export",
}
"""What stands in a tax's place where there is none."""


def check(sale: Sale) -> None:
    """Check that a sale sums up.

    :raises UnbalancedSale: when it does not: no invoice is better than a wrong one.
    """
    for line in sale.lines:
        amounts = (line.quantity, line.unit_price, line.discount, line.net, *(tax.amount for tax in line.taxes))
        if min(amounts) < 0 or line.net + sum(tax.amount for tax in line.taxes) != line.gross:
            detail = f"The line '{line.sku or line.title}' does not sum up."
            raise UnbalancedSale(detail)
        if not all(tax.net is None or 0 <= tax.net <= line.net for tax in line.taxes):
            detail = f"A tax of the line '{line.sku or line.title}' is taken of more than the line."
            raise UnbalancedSale(detail)
    total = sum(line.gross for line in sale.lines)
    tax = sum(tax.amount for line in sale.lines for tax in line.taxes)
    if (total, tax) != (sale.total, sale.tax):
        told = f"the total is {sale.total} with {sale.tax} of tax ({sale.currency}, minor units)"
        detail = f"The lines sum up to {total} with {tax} of tax, and {told}."
        raise UnbalancedSale(detail)


def lines_of(sale: Sale, *, seller: Seller) -> tuple[DocumentLine, ...]:
    """Return the lines of a sale as they stand on its invoice."""
    ours, theirs = union_of(seller), member_state(sale.sent_to) if sale.sent_to is not None else None
    is_within = ours is not None and theirs is not None and ours != theirs
    return tuple(_line(line, sale, is_within=is_within) for line in sale.lines)


def union_of(seller: Seller) -> str | None:
    """Return the member state of the EU that a seller is in; None where in none."""
    region = short_region(seller.country, seller.region)
    return member_state(Place(seller.country, region, plain_code(seller.postal_code)))


def percent(rate: Fraction) -> str:
    """Return a rate in percent, with up to four decimals: `19`, `8.875`."""
    return decimals(rate * 100, places=4)


def decimals(number: Fraction, *, places: int) -> str:
    """Return a number with so many decimals at most, and no zeros at its end."""
    whole, rest = divmod(rounded(number * 10**places), 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")


def _line(line: SaleLine, sale: Sale, *, is_within: bool) -> DocumentLine:
    before = _net_before_discount(line, sale)
    return DocumentLine(
        kind=line.kind,
        title=line.title,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price,
        unit_net=rounded(before / line.quantity, sale.rounding),
        discount=line.discount,
        discount_net=max(0, rounded(before, sale.rounding) - line.net),
        restated=line.restated,
        net=line.net,
        gross=line.gross,
        taxes=tuple(_part(tax, line, is_within=is_within) for tax in line.taxes),
        tax_rule=line.rule,
        tax_reason=line.reason,
        tax_country=line.country,
    )


def _net_before_discount(line: SaleLine, sale: Sale) -> Fraction:
    """Return what the line cost without tax before its discount, which is shared by the price and the discount."""
    before = Fraction(line.quantity * line.unit_price)
    after = before - line.discount
    if after > 0:
        return before * line.net / after
    rates = sum((tax.rate or Fraction() for tax in line.taxes), Fraction())
    return before / (1 + rates) if sale.prices_include_tax else before


def _part(tax: LineTax, line: SaleLine, *, is_within: bool) -> TaxPart:
    """Return a tax as it stands on the document.

    :param is_within: goods went from one member state to another: what the buyer accounts for is exempt here, then.
    """
    treatment = tax.treatment
    if treatment is TaxTreatment.REVERSE_CHARGE and is_within:
        treatment = TaxTreatment.INTRA_COMMUNITY
    return TaxPart(
        title=TITLES.get(treatment, tax.title),
        treatment=treatment,
        rate=percent(tax.rate) if tax.rate is not None else "",
        net=line.net if tax.net is None else tax.net,
        amount=tax.amount,
    )
