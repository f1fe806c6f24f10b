"""Whatever is sold and refunded: documents sum up, and no order of anything changes them."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.invoices.sale import LineTax, Reversal, Sale, SaleLine, TaxTreatment
from commerce.kernel.rounding import rounded, shares
from tests.support.sales import back, credit_notes, invoice, sale, summed

RATES = st.sampled_from([Fraction(0), Fraction(7, 100), Fraction(19, 100), Fraction("0.08875"), Fraction(1, 3)])
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "ISK"])


def _split(net: int, rates: list[Fraction]) -> dict[Fraction, int]:
    """Return parts of a net amount, one for each rate."""
    parts = shares(net, {str(rate): place + 1 for place, rate in enumerate(rates)}) if rates else {}
    return {rate: parts[str(rate)] for rate in rates}


@st.composite
def lines(draw: st.DrawFn) -> SaleLine:
    net = draw(st.integers(0, 10**7))
    rates = draw(st.lists(RATES, max_size=2, unique=True))
    bases = draw(st.sampled_from([dict.fromkeys(rates, net), _split(net, rates)]))
    taxes = tuple(
        LineTax(f"tax {rate}", TaxTreatment.STANDARD, rate, rounded(bases[rate] * rate), bases[rate]) for rate in rates
    )
    return SaleLine(
        title=draw(st.sampled_from(["Mug", "Lamp"])),
        sku=draw(st.sampled_from(["MUG", "LAMP", None])),
        quantity=draw(st.integers(1, 999)),
        unit_price=draw(st.integers(0, 10**7)),
        discount=draw(st.integers(0, 10**7)),
        net=net,
        gross=net + sum(tax.amount for tax in taxes),
        taxes=taxes,
    )


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    sold = sale(
        *draw(st.lists(lines(), min_size=1, max_size=100)),
        currency=draw(CURRENCIES),
        prices_include_tax=draw(st.booleans()),
    )
    parts: list[Reversal] = []
    left = sold.total
    for number, share in enumerate(draw(st.lists(st.integers(1, 100), max_size=6))):
        amount = left * share // 100
        if amount:
            parts.append(back(amount, id=f"ref_{number}", after=draw(st.integers(1, 3))))
            left -= amount
    if left and draw(st.booleans()):
        parts.append(back(left, id="rest", after=9))
    return sale(
        *sold.lines,
        currency=sold.currency,
        prices_include_tax=sold.prices_include_tax,
        reversals=tuple(draw(st.permutations(parts))),
    )


@settings(deadline=None)
@given(sales())
def test_an_invoice_sums_up_however_it_is_added(sold: Sale) -> None:
    document = invoice(sold)

    assert document.net + document.tax == document.total == sold.total
    assert sum(group.net for group in document.groups) == document.net
    assert sum(group.gross for group in document.groups) == document.total
    assert sum(tax.amount for group in document.groups for tax in group.taxes) == document.tax
    assert sum(line.gross for line in document.lines) == document.total
    assert sum(tax.amount for tax in document.taxes) == document.tax
    assert len({(tax.treatment, tax.title, tax.rate) for tax in document.taxes}) == len(document.taxes)
    assert all(0 <= tax.net <= group.net for group in document.groups for tax in group.taxes)
    assert all(group.net + sum(tax.amount for tax in group.taxes) == group.gross for group in document.groups)


@settings(deadline=None)
@given(sales())
def test_credit_notes_give_back_what_went_back_and_never_more_of_anything_than_there_was(sold: Sale) -> None:
    document = invoice(sold)
    notes = credit_notes(sold, document)

    assert [note.total for note in notes] == [
        each.amount for each in sorted(sold.reversals, key=lambda each: (each.at, each.id))
    ]
    for note in notes:
        assert note.net + note.tax == note.total == sum(line.gross for line in note.lines)
        assert min([note.net, note.tax, *(tax.amount for group in note.groups for tax in group.taxes)]) >= 0
        assert all(0 <= tax.net <= group.net for group in note.groups for tax in group.taxes)
    whole, given_back = summed([document]), summed(notes)
    for key, (net, gross, taxes) in given_back.items():
        assert net <= whole[key][0]
        assert gross <= whole[key][1]
        assert all(part <= tax for part, tax in zip(taxes, whole[key][2], strict=True))
    if sum(each.amount for each in sold.reversals) == sold.total:
        assert given_back == whole


@settings(deadline=None)
@given(sales(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_no_sum_and_no_credit_note(sold: Sale, chance: object) -> None:
    shuffled = list(sold.lines)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    other = sale(
        *shuffled,
        currency=sold.currency,
        prices_include_tax=sold.prices_include_tax,
        reversals=tuple(reversed(sold.reversals)),
    )
    here, there = invoice(sold), invoice(other)

    assert here.groups == there.groups
    for mine, theirs in zip(credit_notes(sold, here), credit_notes(other, there), strict=True):
        assert (mine.groups, mine.total, mine.reversal_id) == (theirs.groups, theirs.total, theirs.reversal_id)
