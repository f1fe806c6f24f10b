"""The pages of an invoice: a PDF made of nothing but its row, the same bytes each time.

Archival PDF/A-2u by fpdf2: fonts are embedded, every letter can be read out, and the dates in it are the document's.
"""

import unicodedata
import warnings
from collections.abc import Callable, Iterable
from fractions import Fraction
from html import escape
from pathlib import Path

from commerce.invoices.lines import decimals
from commerce.invoices.model import Document, DocumentLine, InvoiceKind
from commerce.kernel.money import Money, exponent

with warnings.catch_warnings():
    # The layer leaves Pillow out, as invoices have no pictures, and fpdf2 says so each time.
    warnings.filterwarnings("ignore", message="Pillow could not be imported")
    from fpdf import FPDF
    from fpdf.bidi import BidiParagraph
    from fpdf.enums import XPos, YPos
    from fpdf.fonts import FontFace

LETTER = frozenset({"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"})
"""Where paper is US Letter; it is A4 everywhere else.

Source: CLDR's supplemental data, measurementData/paperSize.
"""

FONTS = Path(__file__).parent / "fonts"
BODY = "body"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
NONE = "-"
PAGES = "\ue000\ue001"
"""Stands for the number of pages until it is known; no text that is shown can hold it."""

MARGIN, GAP = 16, 6
SMALL, NORMAL, LARGE = 7.5, 9, 17
LINE = 4.4
GRAY = 110

TITLES = {InvoiceKind.INVOICE: "Invoice", InvoiceKind.CREDIT_NOTE: "Credit note"}
PAID_WITH = {
    "card": "Paid by card or bank",
    "gift_card": "Paid by gift card",
    "credit": "Paid by store credit",
}

type Columns = tuple[tuple[str, int, str], ...]

COLUMNS: Columns = (
    ("Description", 62, "L"),
    ("Quantity", 15, "R"),
    ("Unit price net", 21, "R"),
    ("Discount", 18, "R"),
    ("Net", 21, "R"),
    ("Tax %", 13, "R"),
    ("Tax", 18, "R"),
    ("Gross", 22, "R"),
)
"""Title, width and alignment. Widths are parts of their sum, which is the page's."""

TAX_COLUMNS: Columns = (("Tax", 60, "L"), ("Rate %", 20, "R"), ("Taxable amount", 35, "R"), ("Tax", 30, "R"))


def rendered(document: Document) -> bytes:
    """Return the document as a PDF."""
    return _Pages(document).finished()


def shown(text: str, *, known: Callable[[int], object]) -> str:
    """Return text as it can be drawn: letters that the font lacks are marked, right-to-left runs are turned around.

    :param known: tells whether the font has a letter.
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter)[0] != "C")
    drawn = "".join(letter if known(ord(letter)) else UNKNOWN for letter in plain)
    if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in drawn):
        return BidiParagraph(text=drawn).get_reordered_string()
    return drawn


class _Pages(FPDF):
    """One document's pages."""

    def __init__(self, document: Document) -> None:
        country = document.customer.country or document.seller.country
        super().__init__(format="letter" if country in LETTER else "A4", enforce_compliance="PDF/A-2U")
        self._document = document
        self._places = exponent(document.currency)
        for style, name in (("", "DejaVuSansCondensed.ttf"), ("B", "DejaVuSansCondensed-Bold.ttf")):
            self.add_font(BODY, style, FONTS / name)
        self._known = frozenset(self.fonts[BODY].cmap) & frozenset(self.fonts[f"{BODY}B"].cmap)  # type: ignore[union-attr]
        self.alias_nb_pages(PAGES)
        self.set_margin(MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN + GAP)
        self._describe()

    def finished(self) -> bytes:
        """Draw everything; return the file."""
        self.add_page()
        self._head()
        self._people()
        self._lines()
        self._taxes()
        self._totals()
        self._notes()
        return bytes(self.output())

    def footer(self) -> None:
        """Draw who sells, and which page of how many it is. fpdf2 calls it at the end of each page."""
        self.set_y(-MARGIN)
        self._use(SMALL, gray=True)
        document = self._document
        about = self._shown(f"{document.seller.legal_name} · {document.number}")
        self.cell(self.epw * 0.75, LINE, about)
        self.cell(self.epw * 0.25, LINE, f"Page {self.page_no()} of {PAGES}", align="R")

    # ---- the parts ------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        """Say what the file is, in words for programs, with the document's own dates and no other."""
        document = self._document
        title = f"{TITLES[document.kind]} {document.number}"
        at = document.issued_at
        self.set_creation_date(at)
        self.set_lang("en")
        self.set_title(title)
        self.set_author(document.seller.legal_name)
        self.viewer_preferences = None
        moment = at.isoformat(timespec="seconds")
        self.set_xmp_metadata(
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
            f' xmp:CreateDate="{moment}" xmp:ModifyDate="{moment}" xmp:MetadataDate="{moment}">'
            "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>"
            f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
            f"<dc:creator><rdf:Seq><rdf:li>{escape(document.seller.legal_name)}</rdf:li></rdf:Seq></dc:creator>"
            "<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>"
            "</rdf:Description></rdf:RDF></x:xmpmeta>"
        )

    def _head(self) -> None:
        document, seller = self._document, self._document.seller
        top, half = self.get_y(), (self.epw - GAP) / 2
        town = " ".join(part for part in (seller.postal_code, seller.city) if part)
        told = [
            seller.line1,
            seller.line2,
            town,
            seller.region,
            seller.country,
            seller.tax_id and f"Tax id: {seller.tax_id}",
            seller.registration,
            seller.email,
            seller.phone,
        ]
        left = self._block(self.l_margin, top, half, [line for line in told if line], heading=seller.legal_name)
        x = self.l_margin + half + GAP
        self.set_xy(x, top)
        self._use(LARGE, bold=True)
        self.cell(half, LARGE / 2, TITLES[document.kind], align="R", new_x=XPos.LEFT, new_y=YPos.NEXT)
        facts = [("Number", document.number), ("Date of issue", document.issued_on)]
        if document.refers_to is not None:
            facts += [("Date of refund", document.supplied_on)]
            facts += [("For invoice", f"{document.refers_to.number} of {document.refers_to.issued_on}")]
        else:
            facts += [("Date of supply or payment", document.supplied_on)]
        facts += [("Order", document.order_number), ("Currency", document.currency)]
        right = self._block(x, self.get_y(), half, [f"{name}: {value}" for name, value in facts], align="R")
        self.set_y(max(left, right) + GAP)

    def _people(self) -> None:
        customer, ship_to = self._document.customer, self._document.ship_to
        top, half = self.get_y(), (self.epw - GAP) / 2
        told = [
            *([customer.company] if customer.company else []),
            customer.name,
            *customer.address,
            *([f"Tax id: {customer.tax_id}"] if customer.tax_id else []),
            *([customer.email] if customer.email != customer.name else []),
        ]
        bottom = self._block(self.l_margin, top, half, told, heading="Customer")
        if ship_to:
            bottom = max(bottom, self._block(self.l_margin + half + GAP, top, half, ship_to, heading="Sent to"))
        self.set_y(bottom + GAP)
        if self._document.reason:
            self._use(NORMAL)
            self.multi_cell(
                0, LINE, self._shown(f"Reason: {self._document.reason}"), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
            self.ln(GAP / 2)

    def _lines(self) -> None:
        self._table(COLUMNS, (self._cells(line) for line in self._document.lines))
        self.ln(GAP)

    def _taxes(self) -> None:
        document = self._document
        if not document.taxes:
            return
        rows = [
            (tax.title, tax.rate or NONE, self._amount(tax.net), self._amount(tax.amount)) for tax in document.taxes
        ]
        if document.untaxed:
            rows.append(("Not taxed", NONE, self._amount(document.untaxed), self._amount(0)))
        self._table(TAX_COLUMNS, rows)
        self.ln(GAP)

    def _totals(self) -> None:
        document = self._document
        rows = [("Net", document.net), ("Tax", document.tax)]
        sums = [(name, self._amount(amount), False) for name, amount in rows]
        sums.append((f"Total {document.currency}", self._amount(document.total), True))
        sums += [(PAID_WITH[paid.kind], self._amount(paid.amount), False) for paid in document.paid_with]
        if (national := document.national_tax) is not None:
            owed = Money(amount=national.tax, currency=national.currency)
            rate = f"1 {document.currency} = {decimals(Fraction(national.rate), places=6)} {national.currency}"
            about = f"Tax in {national.currency} ({rate}; {national.source}, {national.at.date().isoformat()})"
            sums.append((about, str(owed), False))
        for name, amount, bold in sums:
            self._use(NORMAL, bold=bold)
            self.cell(self.epw - 45, LINE + 0.8, self._shown(name), align="R")
            self.cell(45, LINE + 0.8, amount, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(GAP)

    def _notes(self) -> None:
        self._use(NORMAL)
        for note in self._document.notes:
            self.multi_cell(0, LINE, self._shown(note), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    # ---- how they are drawn ---------------------------------------------------------------------------------

    def _cells(self, line: DocumentLine) -> tuple[str, ...]:
        title = f"{line.title} [{line.sku}]" if line.sku else line.title
        return (
            title,
            str(line.quantity),
            self._amount(line.unit_net),
            self._amount(line.discount_net),
            self._amount(line.net),
            _rates(line),
            self._amount(line.gross - line.net),
            self._amount(line.gross),
        )

    def _table(self, columns: Columns, rows: Iterable[tuple[str, ...]]) -> None:
        self._use(SMALL)
        self.set_line_width(0.1)
        with self.table(
            align="LEFT",
            borders_layout="HORIZONTAL_LINES",
            col_widths=tuple(width for _, width, _ in columns),
            headings_style=FontFace(emphasis="BOLD"),
            line_height=LINE,
            text_align=tuple(align for _, _, align in columns),
            v_align="TOP",
            width=min(self.epw, self.epw * _together(columns) / _together(COLUMNS)),
        ) as table:
            table.row([name for name, _, _ in columns])
            for row in rows:
                table.row([self._shown(cell) for cell in row])

    def _block(
        self, x: float, y: float, width: float, lines: Iterable[str], *, heading: str = "", align: str = "L"
    ) -> float:
        """Draw lines below each other, each as long as it is; return where they end."""
        self.set_xy(x, y)
        for line, bold in [*([(heading, True)] if heading else []), *((line, False) for line in lines)]:
            self._use(NORMAL, bold=bold)
            self.set_x(x)
            self.multi_cell(width, LINE, self._shown(line), align=align, new_x=XPos.LEFT, new_y=YPos.NEXT)
        return self.get_y()

    def _use(self, size: float, *, bold: bool = False, gray: bool = False) -> None:
        self.set_font(BODY, "B" if bold else "", size)
        self.set_text_color(GRAY if gray else 0)

    def _amount(self, amount: int) -> str:
        """Return an amount with the decimals of the document's currency: 1,234.50."""
        whole, rest = divmod(amount, 10**self._places)
        return f"{whole:,}.{rest:0{self._places}d}" if self._places else f"{whole:,}"

    def _shown(self, text: str) -> str:
        return shown(text, known=self._known.__contains__)


def _rates(line: DocumentLine) -> str:
    """Return a line's rates: `6 + 1` where they are added up, `19 / 7` where each is taken of a part of the line."""
    together = all(tax.net == line.net for tax in line.taxes)
    return (" + " if together else " / ").join(tax.rate or NONE for tax in line.taxes) or NONE


def _together(columns: Columns) -> int:
    return sum(width for _, width, _ in columns)
