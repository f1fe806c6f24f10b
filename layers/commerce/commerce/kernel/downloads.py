"""Files that an endpoint answers in place of JSON."""

from typing import ClassVar


class Download:
    """A file, with the name under which it is saved. Subclasses say what it is."""

    media_type: ClassVar[str]

    def __init__(self, *, name: str, content: bytes) -> None:
        """:param name: letters, digits, `.`, `_` and `-`."""
        self.name = name
        self.content = content


class Pdf(Download):
    """A PDF document."""

    media_type: ClassVar[str] = "application/pdf"
