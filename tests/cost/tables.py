"""The tables of the template, as far as their price goes: which indexes they have, and what those hold."""

import re
from collections.abc import Mapping
from functools import cache

from tests.architecture.stacks import ROOT, read
from tests.cost.units import Index

WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def indexes() -> Mapping[str, tuple[Index, ...]]:
    """Return the indexes of each table (`gift_cards`), as the root template declares them."""
    resources = read(ROOT / "template.yaml")["Resources"]
    return {
        WORDS.sub("_", name.removesuffix("Table")).lower(): tuple(
            Index(
                name=index["IndexName"],
                keys=tuple(key["AttributeName"] for key in index["KeySchema"]),
                table_keys=tuple(key["AttributeName"] for key in table["Properties"]["KeySchema"]),
                projects_all=index["Projection"]["ProjectionType"] == "ALL",
            )
            for index in table["Properties"].get("GlobalSecondaryIndexes", [])
        )
        for name, table in resources.items()
        if table["Type"] == "AWS::DynamoDB::Table"
    }
