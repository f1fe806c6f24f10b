"""The shapes of requests and answers: strict, closed and bounded; and the plain types they are made of."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, Strict, StringConstraints

from commerce.kernel import clock


class Input(BaseModel):
    """What a caller sends: unknown fields are refused, types are not bent.

    Validators are built when a model is first used: a function imports many models, and uses few of them.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Output(BaseModel):
    """What we answer or keep: closed and frozen. Validators are built when a model is first used, as above."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _is_plain(text: str) -> str:
    if any((ord(letter) < ord(" ") and letter not in "\n\t") or letter == "\x7f" for letter in text):
        message = "control characters are not allowed"
        raise ValueError(message)
    return text


def _is_one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        message = "this must be a single line"
        raise ValueError(message)
    return _is_plain(text)


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_is_one_line)
]
"""One line of text, 1 to 200 characters, without control characters."""

OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_is_one_line)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_is_plain)]
"""Text of several lines, up to 20,000 characters, without control characters."""

Handle = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
"""A name that is safe in a path: SKUs, slugs, locations, ids. Case matters."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$")]
Instant = Annotated[
    datetime,
    Strict(strict=False),
    PlainSerializer(clock.text, return_type=str, when_used="json"),
    Field(json_schema_extra={"format": "date-time"}),
]
"""A moment: RFC 3339 in UTC on the wire."""
