"""Files that an endpoint answers in place of JSON."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Download:
    """A file, with the name under which it is saved. Subclasses say what it is.

    :param name: letters, digits, `.`, `_` and `-`.
    """

    media_type: ClassVar[str]

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pdf(Download):
    """A PDF document."""

    media_type: ClassVar[str] = "application/pdf"
