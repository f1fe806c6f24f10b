"""The European Central Bank's file: read to the letter, or not at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.prices.ecb import LARGEST_BYTES, NotUnderstood, published

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>
\t<Cube>"""
TAIL = "</Cube></gesmes:Envelope>"


def day(date: str = "2026-06-12", **rates: str) -> str:
    cubes = "".join(f"<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates.items())
    return f"<Cube time='{date}'>{cubes}</Cube>"


def file(*days: str, head: str = HEAD) -> bytes:
    return (head + "".join(days) + TAIL).encode()


class TestPublished:
    def test_is_the_day_and_its_rates_for_one_euro(self) -> None:
        found = published(file(day(USD="1.1435", JPY="185.72", KWD="0.3512")))

        assert (found.base, found.at) == ("EUR", datetime(2026, 6, 12, tzinfo=UTC))
        assert found.rates == {"USD": "1.1435", "JPY": "185.72", "KWD": "0.3512"}

    def test_is_the_newest_day_of_a_longer_file(self) -> None:
        found = published(
            file(day("2026-06-11", USD="1.1"), day("2026-06-12", USD="1.2"), day("2026-06-10", USD="1.3"))
        )

        assert (found.at.day, found.rates) == (12, {"USD": "1.2"})

    @pytest.mark.parametrize(
        "wrong",
        [
            b"",
            b"\x00\xff\xfe",
            b"<html><body>Service unavailable</body></html>",
            file()[:-20],
            file(),
            file(day()),
            file(day(USD="")),
            file(day(USD="0")),
            file(day(USD="0.000")),
            file(day(USD="-1.1")),
            file(day(USD="1e3")),
            file(day(USD="1,1435")),
            file(day(USD="NaN")),
            file(day(USD="\u0661.5")),
            file(day(USD="1" * 30)),
            file(day(usd="1.1")),
            file(day("yesterday", USD="1.1")),
            file(day("2026-02-30", USD="1.1")),
            file(day("2026-06-12T00:00:00", USD="1.1")),
            file(*[day(**{f"{chr(65 + n // 26)}{chr(65 + n % 26)}X": "1" for n in range(201)})]),
            file(day(USD="1.1"), head=HEAD.replace("vocabulary/2002-08-01/eurofxref", "vocabulary/other")),
            file(day(USD="1.1"), head=HEAD.replace("UTF-8", "no-such-encoding")),
        ],
    )
    def test_is_nothing_else(self, wrong: bytes) -> None:
        with pytest.raises(NotUnderstood):
            published(wrong)

    def test_refuses_a_file_that_is_too_large(self) -> None:
        with pytest.raises(NotUnderstood, match="more than"):
            published(file(day(USD="1.1")) + b" " * LARGEST_BYTES)

    @pytest.mark.parametrize(
        "declared",
        [
            '<!DOCTYPE a [<!ENTITY a "1.1"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
            '<!DOCTYPE a [<!ENTITY a SYSTEM "http://127.0.0.1:1/">]>',
        ],
    )
    def test_refuses_declared_entities(self, declared: str) -> None:
        bomb = HEAD.replace("?>\n", f"?>\n{declared}\n", 1)

        with pytest.raises(NotUnderstood, match="no XML that we read"):
            published(file(day(USD="1.1"), head=bomb))

    @given(st.binary(max_size=300))
    def test_never_fails_otherwise(self, content: bytes) -> None:
        with pytest.raises(NotUnderstood):
            published(content)
