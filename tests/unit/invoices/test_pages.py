"""The PDF of a document: what is written on it, for whom it is laid out, and that it is always the same."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from commerce.invoices.model import Document
from commerce.invoices.pages import LETTER, rendered, shown
from commerce.invoices.sale import Exchange, TaxTreatment, Tender
from tests.support.pdf import PdfPages, read
from tests.support.sales import BUYER, INVOICING, NOON, back, credit_notes, invoice, sale, taxed, untaxed

ROOT = Path(__file__).parents[3]
A4, US_LETTER = (595.28, 841.89), (612.0, 792.0)
LARGEST_BYTES = 300_000


def pages(document: Document) -> PdfPages:
    return read(rendered(document))


class TestPage:
    def test_shows_all_that_the_directive_wants(self) -> None:
        lines = (
            taxed(18_000, quantity=2, unit_price=10_000, discount=2_000, title="Storm lamp", sku="LAMP"),
            taxed(500, 7),
        )
        buyer = replace(BUYER, company="Analytics SARL", tax_id="FR12345678901")
        shop = INVOICING.model_copy(update={"tax_currency": "SEK", "notes": ("Thank you.",)})
        exchange = Exchange(currency="SEK", rate=Fraction("11.2345"), source="ECB", at=NOON)
        document = invoice(
            sale(*lines, buyer=buyer, exchange=exchange, supplied_at=datetime(2026, 3, 12, tzinfo=UTC)), invoicing=shop
        )

        text = pages(document).text

        for words in (
            "Invoice",
            "Number: INV-2026-000001",
            "Date of issue: 2026-03-14",
            "Date of supply or payment: 2026-03-12",
            "Order: 1001",
            "Currency: EUR",
            "Harbor Goods GmbH",
            "Kai 1",
            "20457 Hamburg",
            "Tax id: DE999999999",
            "Amtsgericht Hamburg HRB 1",
            "Analytics SARL",
            "Ada Byron",
            "Pier 1",
            "Tax id: FR12345678901",
            "Storm lamp [LAMP]",
            "100.00\n20.00\n180.00\n19\n34.20\n214.20",
            "VAT\n19\n180.00\n34.20",
            "VAT\n7\n5.00\n0.35",
            "Net\n185.00\nTax\n34.55\nTotal EUR\n219.55",
            "Paid by card or bank\n219.55",
            "Tax in SEK (1 EUR = 11.2345 SEK; ECB, 2026-03-14)\n388.15 SEK",
            "Thank you.",
            "Page 1 of ",
        ):
            assert words in text, words

    def test_of_a_credit_note_names_its_invoice_and_the_reason(self) -> None:
        refunded = sale(reversals=(back(1_190),))
        [note] = credit_notes(refunded, invoice(refunded))

        text = pages(note).text

        for words in (
            "Credit note",
            "Number: CN-2026-000001",
            "For invoice: INV-2026-000001 of 2026-03-14",
            "Date of refund: 2026-03-14",
            "Reason: scratched",
            "Part of invoice INV-2026-000001",
            "Total EUR\n11.90",
        ):
            assert words in text, words
        assert "Date of supply" not in text

    def test_says_why_something_is_not_taxed(self) -> None:
        text = pages(invoice(sale(taxed(1_000, 0, treatment=TaxTreatment.REVERSE_CHARGE)))).text

        assert "Reverse charge." in text
        assert "Reverse charge\n0\n10.00\n0.00" in text

    def test_has_no_table_of_taxes_without_taxes(self) -> None:
        text = pages(invoice(sale(untaxed(1_000)))).text

        assert "Taxable amount" not in text
        assert "10.00\n0.00\n10.00\n-\n0.00\n10.00" in text

    def test_tells_where_the_goods_went_when_the_bill_went_elsewhere(self) -> None:
        assert "Sent to\nBob\nDock 2" in pages(invoice(sale(ship_to=("Bob", "Dock 2")))).text
        assert "Sent to" not in pages(invoice(sale())).text

    @pytest.mark.parametrize(
        ("currency", "amount", "written"),
        [
            ("JPY", 1_234_567, "1,234,567"),
            ("ISK", 990, "990"),
            ("KWD", 1_234_567, "1,234.567"),
            ("USD", 5, "0.05"),
            ("EUR", 123_456_789_012, "1,234,567,890.12"),
        ],
    )
    def test_writes_amounts_with_the_decimals_of_their_currency(self, currency: str, amount: int, written: str) -> None:
        sold = sale(untaxed(amount), currency=currency, tenders=(Tender("gift_card", amount),))
        text = pages(invoice(sold)).text

        assert f"Total {currency}\n{written}\nPaid by gift card\n{written}" in text


class TestLayout:
    def test_is_one_page_for_one_line_and_several_for_fifty_with_the_headings_on_each(self) -> None:
        lines = tuple(
            taxed(1_000 + number, sku=f"SKU-{number:02}", title="A rather long title " * 5) for number in range(50)
        )
        one, fifty = pages(invoice(sale())), pages(invoice(sale(*lines)))

        assert len(one.pages) == 1
        assert len(fifty.pages) >= 3
        with_lines = [page for page in fifty.pages if any("SKU-" in string for string in page)]
        assert all("Quantity" in page for page in with_lines)
        assert [number for number in range(50) if f"SKU-{number:02}" not in fifty.text.replace("\n", " ")] == []
        numbers = [page[page.index(f"Page {number} of ") + 1] for number, page in enumerate(fifty.pages, 1)]
        assert numbers == [str(len(fifty.pages))] * len(fifty.pages)

    @pytest.mark.parametrize(("country", "size"), [("DE", A4), ("JP", A4), ("US", US_LETTER), ("MX", US_LETTER)])
    def test_is_the_paper_of_the_customers_country(self, country: str, size: tuple[float, float]) -> None:
        assert pages(invoice(sale(buyer=replace(BUYER, country=country)))).sizes[0] == size

    def test_is_the_paper_of_the_sellers_country_when_nobody_knows_the_customers(self) -> None:
        assert pages(invoice(sale(buyer=replace(BUYER, country="")))).sizes[0] == A4
        assert "DE" not in LETTER

    def test_bears_the_longest_texts_and_the_largest_amounts(self) -> None:
        long, most = "Q" * 200, 2**53 - 1
        buyer = replace(BUYER, name=long, company=long, tax_id=long, address=(long,) * 5)
        shop = INVOICING.model_copy(update={"notes": tuple(f"{number} {long}" for number in range(10))})
        document = invoice(
            sale(untaxed(most, title=long, sku="S" * 80), buyer=buyer, ship_to=(long,) * 6, currency="KWD"),
            invoicing=shop,
        )

        drawn = pages(document).text.replace("\n", "")

        assert "9,007,199,254,740.991" in drawn
        assert drawn.count("Q") == 1 + 200 * (3 + 5 + 6 + 10 + 1)

    def test_is_small(self) -> None:
        lines = tuple(taxed(1_000 + number, sku=f"SKU-{number}", title="ÄΩЖ" * 20) for number in range(50))

        assert len(rendered(invoice(sale(*lines)))) < LARGEST_BYTES / 3


class TestLetters:
    @pytest.mark.parametrize(
        "name",
        [
            "Zoë Çelik-Øre",
            "Łukasz Święty",
            "Đặng Thị Mỹ",
            "Ιωάννης Παπαδόπουλος",
            "Ελένη Ἀθηνᾶ",
            "Юлия Щукина",
            "Ђорђе Џамбазовски",
            "გიორგი",
            "Հայկ",
        ],
    )
    def test_of_europe_are_drawn_and_can_be_read_out(self, name: str) -> None:
        assert name in pages(invoice(sale(buyer=replace(BUYER, name=name)))).text

    def test_that_come_in_parts_are_put_together(self) -> None:
        assert "Zoë" in pages(invoice(sale(buyer=replace(BUYER, name="Zoe\u0308")))).text

    def test_from_right_to_left_stand_in_the_order_in_which_they_are_drawn(self) -> None:
        assert shown("שלום 12", known=lambda _: True) == "12 םולש"
        assert "םולש" in pages(invoice(sale(buyer=replace(BUYER, name="שלום")))).text
        assert "ىسوم نب دمحم" in pages(invoice(sale(buyer=replace(BUYER, name="محمد بن موسى")))).text

    def test_that_the_font_lacks_are_marked(self) -> None:
        text = pages(invoice(sale(buyer=replace(BUYER, name="山田 太郎 💥")))).text

        assert "\ufffd\ufffd \ufffd\ufffd \ufffd" in text

    @pytest.mark.parametrize(
        "letter", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\n", "\ue000", "\ue001", "\ud800"]
    )
    def test_that_nobody_sees_are_left_out(self, letter: str) -> None:
        assert shown(f"a{letter}b", known=lambda _: True) == "ab"

    @pytest.mark.parametrize("text", ["{nb}", "**bold**", "__under__", "<b>x</b>", "\\( \\) ) (", "%s {0}"])
    def test_mean_nothing_but_themselves(self, text: str) -> None:
        document = invoice(sale(untaxed(1, title=text), buyer=replace(BUYER, name=text)))

        assert pages(document).text.count(text) == 2


class TestFile:
    def test_is_the_same_each_time(self) -> None:
        document = invoice(sale(*(taxed(1_000 + number, 19 if number % 2 else 7) for number in range(30))))

        assert rendered(document) == rendered(Document.model_validate(document.model_dump(mode="json")))

    def test_is_the_same_in_another_process_at_another_time(self) -> None:
        """Sets and dicts have another order there."""
        document = invoice(sale())
        program = (
            "import sys, hashlib\n"
            "from commerce.invoices.model import Document\n"
            "from commerce.invoices.pages import rendered\n"
            "document = Document.model_validate_json(sys.stdin.read())\n"
            "print(hashlib.sha256(rendered(document)).hexdigest())"
        )
        result = subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            input=document.model_dump_json(),
            env={"PYTHONPATH": str(ROOT / "layers" / "commerce"), "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"},
        )

        assert result.stdout.strip() == hashlib.sha256(rendered(document)).hexdigest()

    def test_says_what_it_is_in_which_language_and_of_when(self) -> None:
        about = pages(invoice(sale())).about

        assert "/Lang (en)" in about
        assert "Invoice INV-2026-000001" in about
        assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>" in about
        assert about.count("2026-03-14T12:00:00+00:00") == 3
        assert "GTS_PDFA1" in about

    def test_spells_what_is_markup_elsewhere(self) -> None:
        seller = INVOICING.seller
        assert seller is not None
        document = invoice(sale()).model_copy(
            update={"seller": seller.model_copy(update={"legal_name": 'A <b> & "C"'})}
        )

        assert "<rdf:li>A &lt;b&gt; &amp; &quot;C&quot;</rdf:li>" in pages(document).about
