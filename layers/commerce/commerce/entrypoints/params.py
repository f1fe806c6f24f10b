"""The types of path, query and header parameters. A path that cannot exist is a 404, like every miss."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import AfterValidator

from commerce.kernel.money import known_currency

MOST = 100
"""Items on one page of a list."""

Id = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
"""An id, SKU, slug or location in the path."""

LocationId = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._-]+$")]
"""The id of a location in the path, as long as bodies take it."""

Channel = Annotated[
    str, Query(pattern=r"^[A-Za-z0-9._-]{1,80}$", description="Where it is sold; left out: the shop's own storefront.")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items the page holds at most.")]
Cursor = Annotated[str, Query(max_length=1024, description="`next_cursor` of the page before.")]
Currency = Annotated[
    str,
    Query(pattern=r"^[A-Z]{3}$", description="ISO 4217 code; prices in it, where there are any."),
    AfterValidator(known_currency),
]
CurrencyInPath = Annotated[str, Path(pattern=r"^[A-Z]{3}$"), AfterValidator(known_currency)]
"""An ISO 4217 code in the path."""

DryRun = Annotated[bool, Query(description="Answer what would happen, and change nothing.")]
OrderToken = Annotated[str, Header(alias="Order-Token", max_length=400, description="`order_token` of the checkout.")]
