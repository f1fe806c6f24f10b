"""The shapes of requests and answers about staff keys."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from commerce.kernel.schema import Input, Instant, Line, Output
from commerce.staff.model import SCOPES


def _is_scope(scope: str) -> str:
    if scope not in SCOPES:
        message = f"there is no such scope; there are {', '.join(SCOPES)}"
        raise ValueError(message)
    return scope


def _are_different(scopes: list[str]) -> list[str]:
    if len(set(scopes)) != len(scopes):
        message = "a scope stands twice"
        raise ValueError(message)
    return scopes


Scope = Annotated[str, AfterValidator(_is_scope), Field(json_schema_extra={"enum": list(SCOPES)})]


class NewStaffKey(Input):
    """A staff key to be made."""

    name: Annotated[Line, Field(description="Who or what uses the key, for example `Ada's laptop`.")]
    scopes: Annotated[
        list[Scope],
        AfterValidator(_are_different),
        Field(min_length=1, max_length=len(SCOPES), description="What the key may do; you can grant what you have."),
    ]


class StaffKey(Output):
    """A staff key, without its secret."""

    id: str
    name: str
    scopes: list[str]
    status: Literal["active", "revoked"]
    created_at: Instant
    created_by: Annotated[str, Field(description="The actor that made it, for example `staff:key_…`.")]
    revoked_at: Instant | None
    revoked_by: str | None
    version: int


class CreatedStaffKey(StaffKey):
    """A staff key that was just made. This answer is the only place where its secret ever stands."""

    token: Annotated[
        str | None,
        Field(description="What to send as `Authorization: Bearer <token>`. Null when the request was repeated."),
    ]
    notice: Annotated[str, Field(description="What to know about the token, for a person.")]
