"""The operations of the committed OpenAPI document, for tests that must forget none of them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from local.options import ROOT

QUESTIONS = ("/preview", "/simulate")
"""How the paths of POSTs end that change nothing: questions that are too long for an address. They take no key."""

NEEDED_SCOPE = re.compile(r"Needs the scope `([a-z]+:[a-z]+)`\.")


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of one operation.

    :param scope: what a staff key needs for it; None when no staff key is asked for.
    """

    id: str
    method: str
    path: str
    scope: str | None
    takes_key: bool
    takes_if_match: bool
    takes_body: bool
    takes_order_token: bool
    statuses: frozenset[int]

    @property
    def names(self) -> list[str]:
        """The parameters of the path."""
        return re.findall(r"\{(\w+)\}", self.path)

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the path with its parameters filled in."""
        return self.path.format(**{name: quote(value, safe="") for name, value in values.items()})


@cache
def operations() -> Mapping[str, Operation]:
    """Return all operations, by operationId."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    found = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            parameters = described.get("parameters", ())
            references = {each.get("$ref", "").rpartition("/")[2] for each in parameters}
            scope = NEEDED_SCOPE.search(described.get("description", ""))
            assert bool(scope) == bool(described["security"]), f"{described['operationId']} names no scope"
            found[described["operationId"]] = Operation(
                id=described["operationId"],
                method=method.upper(),
                path=path,
                scope=scope[1] if scope else None,
                takes_key="IdempotencyKey" in references,
                takes_if_match="IfMatch" in references,
                takes_body="requestBody" in described,
                takes_order_token="order-token" in {each.get("name") for each in parameters},
                statuses=frozenset(map(int, described["responses"])),
            )
    return found
