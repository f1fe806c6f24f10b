"""Reads what is written on the pages of a PDF, as far as those of the store go: whole strings in embedded fonts."""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\n")
LENGTH = re.compile(rb"/Length (\d+)")
FONT = re.compile(rb"/(F\d+) (\d+) 0 R")
DRAWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
LETTER = re.compile(rb"^<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>$", re.MULTILINE)
UNESCAPED = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}


@dataclass(frozen=True)
class PdfPages:
    """A file's pages: what is written on each, string by string in the order in which it is drawn.

    :ivar about: the file's own words about itself: catalog and metadata.
    """

    pages: tuple[tuple[str, ...], ...]
    sizes: tuple[tuple[float, float], ...]
    about: str

    @property
    def text(self) -> str:
        """Return everything that is written, a string per line."""
        return "\n".join(string for page in self.pages for string in page)


def read(file: bytes) -> PdfPages:
    """Read a file."""
    objects = dict(_objects(file))
    fonts: dict[bytes, Mapping[int, str]] = {}
    for head, _ in objects.values():
        for name, number in FONT.findall(head):
            fonts[name] = _letters(objects[_reference(objects[int(number)][0], b"ToUnicode")][1])
    pages = [head for head, _ in objects.values() if b"/Type /Page\n" in head]
    whole = b"".join(head for head, _ in objects.values())
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", whole)
    about = [head for head, _ in objects.values() if b"/Type /Catalog" in head]
    about += [body for head, body in objects.values() if b"/Type /Metadata" in head]
    return PdfPages(
        pages=tuple(tuple(_strings(objects[_reference(head, b"Contents")][1], fonts)) for head in pages),
        sizes=tuple((float(width), float(height)) for width, height in boxes),
        about=b"\n".join(about).decode("utf-8", "replace"),
    )


def _objects(file: bytes) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    """Return the number, the head and the unpacked stream of each object."""
    at = 0
    while (found := OBJECT.search(file, at)) is not None:
        end, stream = file.index(b"endobj", found.end()), file.find(b"stream\n", found.end())
        if not 0 <= stream < end:
            yield int(found[1]), (file[found.end() : end], b"")
            at = end
            continue
        head = file[found.end() : stream]
        length = LENGTH.search(head)
        assert length is not None, "a stream without a length"
        begin = stream + len(b"stream\n")
        body = file[begin : begin + int(length[1])]
        yield int(found[1]), (head, zlib.decompress(body) if b"/FlateDecode" in head else body)
        at = begin + int(length[1])


def _reference(head: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", head)
    assert found is not None, name
    return int(found[1])


def _letters(table: bytes) -> Mapping[int, str]:
    """Return which letter each code of a font stands for."""
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in LETTER.findall(table)}


def _strings(content: bytes, fonts: Mapping[bytes, Mapping[int, str]]) -> Iterator[str]:
    letters: Mapping[int, str] = {}
    for font, drawn in DRAWN.findall(content):
        if font:
            letters = fonts[font]
            continue
        raw = ESCAPED.sub(lambda found: UNESCAPED.get(found[1], found[1]), drawn)
        codes = [int.from_bytes(raw[place : place + 2]) for place in range(0, len(raw), 2)]
        yield "".join(letters[code] for code in codes)
