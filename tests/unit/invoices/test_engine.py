"""What is invoiced and credited, and what stands on it."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from commerce.invoices import engine
from commerce.invoices.model import InvoiceKind, Invoicing, IssueWhen, UnbalancedSale
from commerce.invoices.sale import Buyer, Exchange, LineTax, TaxTreatment, Tender
from commerce.kernel.rounding import Rounding
from commerce.taxes.places import Place
from tests.support.sales import (
    INVOICING,
    NOON,
    SELLER,
    back,
    credit_notes,
    invoice,
    sale,
    summed,
    taxed,
    untaxed,
    vat,
)

UNPAID = {"collected": 0}
INTRA_COMMUNITY = "Exempt intra-Community supply: Article 138 of Directive 2006/112/EC."
SHIPPED = replace(
    untaxed(500, title="Post", sku=None, kind="shipping"),
    gross=550,
    taxes=(
        replace(vat(125), net=125),
        replace(vat(375, 7), net=375),
    ),
)
"""Shipping for 5.00, of which a quarter goes with goods at 19 % and three with goods at 7 %."""


class TestInvoice:
    """Its contents are those of Directive 2006/112/EC, article 226; the numbers are the article's points."""

    def test_tells_when_it_was_issued_and_its_number_and_when_was_supplied(self) -> None:
        document = invoice(sale(supplied_at=datetime(2026, 3, 12, 9, tzinfo=UTC)), position=7)

        assert document.issued_on == "2026-03-14"  # 1
        assert document.number == "INV-2026-000007"  # 2
        assert document.supplied_on == "2026-03-12"  # 7

    def test_tells_who_sells_and_who_buys_with_their_tax_ids(self) -> None:
        buyer = Buyer(
            name="Ada Byron",
            email="ada@example.com",
            country="FR",
            address=("1 Quai", "75001 Paris", "FR"),
            company="Analytics SARL",
            tax_id="FR12345678901",
        )
        document = invoice(sale(buyer=buyer))

        assert document.seller == SELLER
        assert document.seller.tax_id == "DE999999999"  # 3
        assert document.customer.tax_id == "FR12345678901"  # 4
        assert (document.customer.company, document.customer.name) == ("Analytics SARL", "Ada Byron")  # 5
        assert document.customer.address == ("1 Quai", "75001 Paris", "FR")

    def test_tells_what_was_sold_at_which_price_without_tax_and_with_which_discount(self) -> None:
        line = taxed(18_000, quantity=2, unit_price=10_000, discount=2_000, title="Storm lamp", sku="LAMP")
        [shown] = invoice(sale(line)).lines

        assert (shown.title, shown.sku, shown.quantity) == ("Storm lamp", "LAMP", 2)  # 6
        assert (shown.unit_net, shown.discount, shown.net) == (10_000, 2_000, 18_000)  # 8

    def test_works_the_unit_price_without_tax_out_of_prices_that_include_it(self) -> None:
        line = taxed(16_798, quantity=10, unit_price=1_999, discount=0)
        document = invoice(
            sale(replace(line, gross=19_990, taxes=(replace(line.taxes[0], amount=3_192),)), prices_include_tax=True)
        )

        assert document.lines[0].unit_net == 1_680

    @pytest.mark.parametrize(
        ("unit_price", "discount", "restated", "net", "tax", "unit_net", "discount_net"),
        [
            (11_900, 0, 0, 20_000, 3_800, 10_000, 0),
            (11_900, 2_380, 0, 18_000, 3_420, 10_000, 2_000),
            (11_900, 0, 200, 20_000, 4_000, 10_000, 0),  # What is 19 % at home is 20 % where it goes.
            (11_900, 23_800, 0, 0, 0, 10_000, 20_000),
            (0, 0, 0, 0, 0, 0, 0),
        ],
    )
    def test_tells_prices_and_discounts_without_tax_beside_those_that_were_agreed(
        self, unit_price: int, discount: int, restated: int, net: int, tax: int, unit_net: int, discount_net: int
    ) -> None:
        rate = Fraction(tax, net) if net else Fraction(19, 100)
        line = replace(
            untaxed(net, quantity=2, unit_price=unit_price, discount=discount, restated=restated),
            gross=net + tax,
            taxes=(LineTax("VAT", TaxTreatment.STANDARD, rate, tax),),
        )
        [told] = invoice(sale(line, prices_include_tax=True)).lines

        assert (told.unit_price, told.discount, told.restated) == (unit_price, discount, restated)
        assert (told.unit_net, told.discount_net, told.net) == (unit_net, discount_net, net)

    def test_sums_up_what_is_taxed_alike_by_rate(self) -> None:
        lines = (taxed(1_000, 19), taxed(2_000, 7), taxed(3_000, 19), untaxed(500, title="Deposit"))
        document = invoice(sale(*lines))

        told = {group.taxes[0].rate if group.taxes else None: (group.net, group.gross) for group in document.groups}
        assert told == {"19": (4_000, 4_760), "7": (2_000, 2_140), None: (500, 500)}  # 8, 9
        assert (document.net, document.tax, document.total) == (6_500, 900, 7_400)  # 10

    def test_sums_up_each_rate_once_also_where_shipping_bears_several(self) -> None:
        """Shipping is taxed as the goods are, in proportion: each rate is taken of a part of it."""
        document = invoice(sale(taxed(1_000, 19), taxed(3_000, 7), SHIPPED))

        assert [(tax.rate, tax.net, tax.amount) for tax in document.taxes] == [("19", 1_125, 214), ("7", 3_375, 236)]
        assert document.untaxed == 0
        assert document.net == 4_500

    def test_tells_what_no_tax_is_taken_of(self) -> None:
        partly = replace(SHIPPED, taxes=SHIPPED.taxes[:1], gross=524)

        assert invoice(sale(taxed(1_000), untaxed(300), partly)).untaxed == 300 + 375

    def test_tells_no_rate_that_nobody_told(self) -> None:
        line = replace(taxed(1_000), taxes=(LineTax("Sales tax", TaxTreatment.STANDARD, None, 190),))

        assert [(tax.rate, tax.net, tax.amount) for tax in invoice(sale(line)).taxes] == [("", 1_000, 190)]

    def test_tells_of_each_line_whose_tax_it_bears_and_what_decided_that(self) -> None:
        line = replace(taxed(1_000), rule="fr+fr-eco", reason="rate", country="FR")
        [told] = invoice(sale(line)).lines

        assert (told.tax_rule, told.tax_reason, told.tax_country) == ("fr+fr-eco", "rate", "FR")

    def test_keeps_several_taxes_of_one_line_apart(self) -> None:
        taxes = (
            LineTax("GST", TaxTreatment.STANDARD, Fraction(5, 100), 500),
            LineTax("QST", TaxTreatment.STANDARD, Fraction("0.09975"), 998),
        )
        document = invoice(sale(replace(untaxed(10_000), taxes=taxes, gross=11_498)))

        [group] = document.groups
        assert [(tax.title, tax.rate, tax.amount) for tax in group.taxes] == [("GST", "5", 500), ("QST", "9.975", 998)]
        assert (group.net, document.tax) == (10_000, 1_498)

    @pytest.mark.parametrize(
        ("treatment", "words"),
        [
            (TaxTreatment.EXEMPT, "Exempt from tax."),  # 11
            (TaxTreatment.REVERSE_CHARGE, "Reverse charge."),  # 11a
            (TaxTreatment.INTRA_COMMUNITY, "Article 138 of Directive 2006/112/EC"),
            (TaxTreatment.EXPORT, "Article 146 of Directive 2006/112/EC"),
        ],
    )
    def test_says_why_something_is_not_taxed(self, treatment: TaxTreatment, words: str) -> None:
        [note] = invoice(sale(taxed(1_000, 0, treatment=treatment), sent_to=Place("US"))).notes

        assert words in note

    @pytest.mark.parametrize(
        ("seller", "sent_to", "words"),
        [
            (Place("DE"), Place("FR"), "Exempt intra-Community supply: Article 138 of Directive 2006/112/EC."),
            (Place("DE"), Place("GB", postal_code="BT11AA"), INTRA_COMMUNITY),
            (Place("DE"), Place("DE"), "Reverse charge."),
            (Place("DE"), Place("ES", region="CN"), "Reverse charge."),
            (Place("DE"), None, "Reverse charge."),
            (Place("GB"), Place("FR"), "Reverse charge."),
            (Place("GB", postal_code="BT11AA"), Place("FR"), INTRA_COMMUNITY),
        ],
    )
    def test_of_goods_that_went_to_a_business_in_another_member_state_is_exempt_and_else_reverses_the_charge(
        self, seller: Place, sent_to: Place | None, words: str
    ) -> None:
        untaxed_line = taxed(1_000, 0, treatment=TaxTreatment.REVERSE_CHARGE)
        told = SELLER.model_copy(update={"country": seller.country, "postal_code": seller.postal_code})
        document = invoice(sale(untaxed_line, sent_to=sent_to), seller=told)

        assert document.notes == (words,)
        assert document.taxes[0].title in {"Reverse charge", "Intra-Community supply"}

    @pytest.mark.parametrize(("seller", "sent_to"), [("US", Place("CA")), ("DE", None)])
    def test_names_the_unions_law_only_for_goods_that_leave_it(self, seller: str, sent_to: Place | None) -> None:
        told = SELLER.model_copy(update={"country": seller})
        document = invoice(sale(taxed(1_000, 0, treatment=TaxTreatment.EXPORT), sent_to=sent_to), seller=told)

        assert document.notes == ("Exempt export.",)

    def test_says_nothing_of_the_kind_where_all_is_taxed(self) -> None:
        assert invoice(sale(taxed(1_000), taxed(1_000, 0, treatment=TaxTreatment.ZERO))).notes == ()

    def test_ends_with_the_sentences_of_the_sale_and_of_the_shop_each_once(self) -> None:
        shop = INVOICING.model_copy(update={"notes": ("Margin scheme.", "Thank you.")})

        assert invoice(sale(notes=("Margin scheme.",)), invoicing=shop).notes == ("Margin scheme.", "Thank you.")

    def test_tells_what_it_was_paid_with(self) -> None:
        tenders = (Tender("card", 10_000), Tender("gift_card", 1_900), Tender("credit", 0))
        document = invoice(sale(tenders=tenders))

        assert [(paid.kind, paid.amount) for paid in document.paid_with] == [("card", 10_000), ("gift_card", 1_900)]

    @pytest.mark.parametrize(
        ("currency", "target", "rate", "tax", "owed"),
        [
            ("EUR", "SEK", "11.2345", 1_900, 21_346),
            ("USD", "JPY", "149.995", 1_900, 2_850),
            ("JPY", "USD", "0.0067", 1_900, 1_273),
            ("EUR", "KWD", "0.33333", 1_900, 6_333),
        ],
    )
    def test_tells_the_tax_in_the_currency_in_which_it_is_owed(
        self, currency: str, target: str, rate: str, tax: int, owed: int
    ) -> None:
        shop = INVOICING.model_copy(update={"tax_currency": target})
        exchange = Exchange(currency=target, rate=Fraction(rate), source="ECB", at=NOON)
        document = invoice(sale(currency=currency, exchange=exchange), invoicing=shop)

        national = document.national_tax
        assert document.tax == tax
        assert national is not None
        assert (national.currency, national.tax, Fraction(national.rate)) == (target, owed, Fraction(rate))

    @pytest.mark.parametrize(("rounding", "tax"), [(Rounding.DOWN, 21_345), (Rounding.UP, 21_346)])
    def test_rounds_as_the_shop_did_when_the_order_was_made(self, rounding: Rounding, tax: int) -> None:
        shop = INVOICING.model_copy(update={"tax_currency": "SEK"})
        exchange = Exchange(currency="SEK", rate=Fraction("11.2345"), source="ECB", at=NOON)
        refunded = sale(
            exchange=exchange, rounding=rounding, reversals=(back(1, id="a"), back(11_899, id="b", after=2))
        )
        document = invoice(refunded, invoicing=shop)
        notes = credit_notes(refunded, document, invoicing=shop)

        assert document.national_tax is not None
        assert document.national_tax.tax == tax == sum(note.national_tax.tax for note in notes if note.national_tax)

    def test_tells_the_tax_once_where_it_is_owed_in_the_same_currency_or_no_rate_is_known(self) -> None:
        shop = INVOICING.model_copy(update={"tax_currency": "EUR"})
        exchange = Exchange(currency="SEK", rate=Fraction(11), source="ECB", at=NOON)

        assert invoice(sale(exchange=exchange), invoicing=shop).national_tax is None
        assert invoice(sale(), invoicing=shop.model_copy(update={"tax_currency": "SEK"})).national_tax is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"total": 11_901},
            {"tax": 1_901},
            {"lines": (replace(taxed(10_000), gross=11_899),)},
            {"lines": (replace(taxed(10_000), discount=-1),)},
            {"lines": (taxed(10_000), untaxed(1))},
            {"lines": (replace(taxed(10_000), taxes=(replace(vat(10_000), net=10_001),)),)},
        ],
    )
    def test_is_refused_where_the_parts_do_not_sum_up(self, wrong: dict[str, object]) -> None:
        with pytest.raises(UnbalancedSale):
            invoice(replace(sale(), **wrong))  # type: ignore[arg-type]


class TestYear:
    def test_begins_in_the_shops_time_zone(self) -> None:
        newyear = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)

        assert invoice(sale(), at=newyear).number == "INV-2026-000001"
        assert invoice(sale(), at=newyear).issued_on == "2026-01-01"
        utc = Invoicing(seller=SELLER)
        assert invoice(sale(), at=newyear, invoicing=utc).number == "INV-2025-000001"


class TestDue:
    def test_is_the_invoice_of_a_sale_that_is_paid(self) -> None:
        due = engine.next_due(sale(), issued=[], when=IssueWhen.PAID)

        assert due is not None
        assert (due.kind, due.amount) == (InvoiceKind.INVOICE, 11_900)

    def test_is_nothing_before_it_is_paid_unless_the_shop_or_somebody_wants_it(self) -> None:
        unpaid = sale(**UNPAID)

        assert engine.next_due(unpaid, issued=[], when=IssueWhen.PAID) is None
        assert engine.next_due(unpaid, issued=[], when=IssueWhen.PLACED) is not None
        assert engine.next_due(unpaid, issued=[], when=IssueWhen.PAID, at_once=True) is not None

    @pytest.mark.parametrize("when", IssueWhen)
    def test_is_nothing_for_what_was_never_a_sale(self, when: IssueWhen) -> None:
        assert engine.next_due(sale(placed_at=None), issued=[], when=when, at_once=True) is None
        assert engine.next_due(sale(canceled=True, **UNPAID), issued=[], when=when, at_once=True) is None

    def test_is_the_invoice_first_when_a_paid_sale_was_canceled_before_it_was_invoiced(self) -> None:
        gone = sale(canceled=True, reversals=(back(11_900),))
        first = engine.next_due(gone, issued=[], when=IssueWhen.PAID)

        assert first is not None
        assert first.kind is InvoiceKind.INVOICE
        assert [note.total for note in credit_notes(gone, invoice(gone))] == [11_900]

    def test_is_one_credit_note_per_refund_in_the_order_in_which_they_happened(self) -> None:
        refunded = sale(reversals=(back(300, id="b", after=3), back(100, id="a", after=1), back(200, id="c", after=2)))
        notes = credit_notes(refunded, invoice(refunded))

        assert [(note.reversal_id, note.total) for note in notes] == [("a", 100), ("c", 200), ("b", 300)]

    def test_never_credits_twice_what_went_back_once(self) -> None:
        document = invoice(sale())
        [failed_later] = credit_notes(sale(reversals=(back(1_000, id="failed"),)), document)
        repeated = sale(reversals=(back(1_000, id="again"),))

        assert engine.next_due(repeated, issued=[document, failed_later], when=IssueWhen.PAID) is None

    def test_never_credits_more_than_was_invoiced(self) -> None:
        refunded = sale(reversals=(back(11_000, id="a"), back(5_000, id="b", after=2)))

        assert [note.total for note in credit_notes(refunded, invoice(refunded))] == [11_000, 900]


class TestCreditNote:
    def test_refers_to_its_invoice_and_says_why(self) -> None:
        refunded = sale(reversals=(back(1_190),))
        document = invoice(refunded)
        [note] = credit_notes(refunded, document)

        assert (note.kind, note.number) == (InvoiceKind.CREDIT_NOTE, "CN-2026-000001")
        assert note.refers_to is not None
        assert (note.refers_to.number, note.refers_to.issued_on) == (document.number, document.issued_on)
        assert (note.reason, note.reversal_id) == ("scratched", "ref_1")
        assert (note.seller, note.customer, note.currency) == (document.seller, document.customer, "EUR")
        assert (note.net, note.tax, note.total) == (1_000, 190, 1_190)
        assert note.paid_with == ()

    def test_of_everything_repeats_the_lines(self) -> None:
        refunded = sale(taxed(1_000), taxed(2_000, 7), reversals=(back(3_330),))
        document = invoice(refunded)
        [note] = credit_notes(refunded, document)

        assert note.lines == document.lines
        assert note.groups == document.groups

    def test_of_a_part_has_a_line_for_each_way_of_being_taxed(self) -> None:
        refunded = sale(taxed(10_000), taxed(10_000, 7), reversals=(back(2_260),))
        [note] = credit_notes(refunded, invoice(refunded))

        assert [(line.net, line.gross, line.taxes[0].rate) for line in note.lines] == [
            (1_000, 1_190, "19"),
            (1_000, 1_070, "7"),
        ]
        assert all("INV-2026-000001" in line.title for line in note.lines)

    def test_of_a_part_takes_its_share_of_what_each_rate_is_taken_of(self) -> None:
        refunded = sale(SHIPPED, reversals=(back(275, id="a"), back(275, id="b", after=2)))
        document = invoice(refunded)
        first, second = credit_notes(refunded, document)

        assert [(tax.rate, tax.net, tax.amount) for tax in first.taxes] == [("19", 63, 12), ("7", 187, 13)]
        assert [tax.net for tax in second.taxes] == [62, 188]
        assert summed([first, second]) == summed([document])

    def test_of_all_parts_sum_up_to_the_invoice_tax_by_tax_in_both_currencies(self) -> None:
        shop = INVOICING.model_copy(update={"tax_currency": "SEK"})
        exchange = Exchange(currency="SEK", rate=Fraction("11.2345"), source="ECB", at=NOON)
        parts = tuple(back(amount, id=f"r{number}", after=number) for number, amount in enumerate([1, 333, 7, 2_989]))
        refunded = sale(taxed(1_000), taxed(2_000, 7), exchange=exchange, reversals=parts)
        document = invoice(refunded, invoicing=shop)
        notes = credit_notes(refunded, document, invoicing=shop)

        assert summed(notes) == summed([document])
        assert document.national_tax is not None
        assert sum(note.national_tax.tax for note in notes if note.national_tax) == document.national_tax.tax
