"""DynamoDB's read and write units, computed from item sizes by AWS's published rules; local engines report others.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html (sizes of items)
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html (units of each operation)
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html (transactions)
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (what an index costs)
"""

import base64
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Any]
"""An item in DynamoDB's JSON."""

READ_BYTES, WRITE_BYTES = 4096, 1024
STORED_OVERHEAD = 100
"""Bytes that DynamoDB adds to each item, and to each entry of an index, when it bills storage; units have none."""

IN_A_TRANSACTION = 2
"""Each item is written, or read, once to prepare and once to commit."""


def item_size(item: Item) -> int:
    """Return an item's bytes: its attributes' names and values."""
    return sum(_text(name) + _value(value) for name, value in item.items())


def _value(value: Mapping[str, Any]) -> int:
    [(kind, part)] = value.items()
    match kind:
        case "S":
            return _text(part)
        case "N":
            return number_size(part)
        case "B":
            return len(part if isinstance(part, bytes) else base64.b64decode(part))
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value(each) for each in part)
        case "M":
            return 3 + sum(1 + _text(name) + _value(each) for name, each in part.items())
        case "SS" | "NS" | "BS":
            return sum(_value({kind[0]: each}) for each in part)
    message = f"DynamoDB has no type {kind}"
    raise ValueError(message)


def number_size(number: str) -> int:
    """Return a number's bytes: one per two significant digits, and one."""
    digits = number.lower().partition("e")[0].replace(".", "").lstrip("+-").strip("0")
    return math.ceil(len(digits) / 2) + 1


def _text(text: str) -> int:
    return len(text.encode())


def read_units(size: int, *, consistent: bool) -> float:
    """Return the units of reading so many bytes at once. What is not there is read all the same."""
    return max(1, math.ceil(size / READ_BYTES)) * (1.0 if consistent else 0.5)


def batch_units(sizes: Iterable[int], *, consistent: bool) -> float:
    """Return the units of a BatchGetItem: each item is rounded by itself. The size of what is missing is 0."""
    return sum(read_units(size, consistent=consistent) for size in sizes)


def query_units(sizes: Iterable[int], *, consistent: bool) -> float:
    """Return the units of a page of a Query or a Scan: the sum is rounded once."""
    return read_units(sum(sizes), consistent=consistent)


def write_units(before: Item | None, after: Item | None, *, in_a_transaction: bool = False) -> int:
    """Return the table's units for changing an item from what it was to what it is: those of the larger one.

    A write that its condition refuses costs the same, as does a ConditionCheck.
    """
    size = max(item_size(item) if item else 0 for item in (before, after))
    return max(1, math.ceil(size / WRITE_BYTES)) * (IN_A_TRANSACTION if in_a_transaction else 1)


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index. An item without its keys is not in it.

    :param projects_all: whether it holds whole items, or keys alone.
    """

    name: str
    keys: tuple[str, ...]
    table_keys: tuple[str, ...] = ("pk", "sk")
    projects_all: bool = True

    def entry(self, item: Item | None) -> Item | None:
        """Return what the index holds of an item, or None."""
        if not item or not all(key in item for key in self.keys):
            return None
        if self.projects_all:
            return item
        return {name: value for name, value in item.items() if name in {*self.keys, *self.table_keys}}

    def write_units(self, before: Item | None, after: Item | None) -> int:
        """Return the index's units for a change. It follows the table later, so a transaction adds nothing."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is None or new is None or all(old[key] == new[key] for key in self.keys):
            return write_units(old, new)
        return write_units(old, None) + write_units(None, new)


def stored_bytes(item: Item, indexes: Iterable[Index]) -> int:
    """Return the bytes of storage that an item is billed for, with its entries in the indexes."""
    entries = [item, *(entry for index in indexes if (entry := index.entry(item)) is not None)]
    return sum(item_size(entry) + STORED_OVERHEAD for entry in entries)
