"""Days and times of day, as rules and options of shipping name them."""

from datetime import date
from typing import Annotated

from pydantic import Field, Strict, StringConstraints

from commerce.kernel.schema import Input, OptionalLine

Clock = Annotated[str, StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day: `14:30`."""

Weekday = Annotated[int, Field(ge=1, le=7)]
"""ISO 8601: Monday is 1, Sunday 7."""

Date = Annotated[date, Strict(strict=False)]


class Day(Input):
    """A day that is not as others."""

    date: Date
    title: OptionalLine = ""
