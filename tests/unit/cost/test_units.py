"""DynamoDB's units, by the examples that AWS's own documentation works out."""

import pytest

from tests.cost.units import (
    Index,
    Item,
    batch_units,
    item_size,
    number_size,
    query_units,
    read_units,
    stored_bytes,
    write_units,
)

KB = 1024


def item(size: int) -> Item:
    """An item of so many bytes, keys and names included."""
    bare: dict[str, dict[str, str]] = {"pk": {"S": "a"}, "sk": {"S": "b"}, "filling": {"S": ""}}
    return bare | {"filling": {"S": "x" * (size - item_size(bare))}}


class TestSizes:
    def test_a_text_has_the_bytes_of_its_name_and_of_its_utf8(self) -> None:
        assert item_size({"name": {"S": "Zürich"}}) == 4 + 7

    def test_a_number_has_one_byte_per_two_significant_digits_and_one(self) -> None:
        assert [number_size(text) for text in ("0", "7", "42", "123", "1999")] == [1, 2, 2, 3, 3]
        assert number_size("12300000") == number_size("123") == number_size("0.00123")
        assert number_size("-1999") == number_size("1999")
        assert number_size("1" * 38) == 20

    def test_a_truth_value_and_a_null_have_one_byte(self) -> None:
        assert item_size({"a": {"BOOL": False}, "b": {"NULL": True}}) == 4

    def test_bytes_count_raw(self) -> None:
        assert item_size({"a": {"B": "aGVsbG8="}}) == item_size({"a": {"B": b"hello"}}) == 6

    def test_a_list_or_a_map_has_three_bytes_and_one_per_element(self) -> None:
        assert item_size({"a": {"L": []}}) == item_size({"a": {"M": {}}}) == 4
        assert item_size({"a": {"L": [{"S": "xy"}, {"N": "7"}]}}) == 1 + 3 + (1 + 2) + (1 + 2)
        assert item_size({"a": {"M": {"key": {"S": "xy"}}}}) == 1 + 3 + (1 + 3 + 2)

    def test_storage_adds_a_hundred_bytes_per_item_and_per_entry_of_an_index(self) -> None:
        index = Index("gsi1", ("gsi1pk", "gsi1sk"), projects_all=False)
        row = {name: {"S": "x"} for name in ("pk", "sk", "gsi1pk", "gsi1sk", "more")}

        assert item_size(row) == 25
        assert stored_bytes(row, [index]) == (25 + 100) + (20 + 100)

    def test_refuses_what_it_does_not_know(self) -> None:
        with pytest.raises(ValueError, match="no type X"):
            item_size({"a": {"X": ""}})


class TestReads:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html."""

    def test_an_item_of_3500_bytes_is_read_as_4_kb(self) -> None:
        assert read_units(3500, consistent=True) == 1
        assert read_units(3500, consistent=False) == 0.5

    def test_an_item_of_8_kb_takes_2_units_or_1(self) -> None:
        assert read_units(8 * KB, consistent=True) == 2
        assert read_units(8 * KB, consistent=False) == 1

    def test_a_batch_rounds_each_item(self) -> None:
        assert batch_units([1536, 6656], consistent=True) == 1 + 2, "1.5 KB and 6.5 KB count as 4 KB and 8 KB"

    def test_a_query_rounds_the_sum(self) -> None:
        assert query_units([4178] * 10, consistent=False) == 5.5, "40.8 KB count as 44 KB"

    def test_what_is_missing_is_read_all_the_same(self) -> None:
        assert read_units(0, consistent=True) == 1
        assert batch_units([0, 0], consistent=False) == 1
        assert query_units([], consistent=False) == 0.5


class TestWrites:
    def test_an_item_of_half_a_kb_takes_1_unit_and_one_byte_more_than_1_kb_takes_2(self) -> None:
        assert write_units(None, item(512)) == 1
        assert write_units(None, item(KB)) == 1
        assert write_units(None, item(KB + 1)) == 2

    def test_the_larger_of_before_and_after_counts(self) -> None:
        assert write_units(item(3 * KB), item(KB)) == 3
        assert write_units(item(KB), item(3 * KB)) == 3
        assert write_units(item(3 * KB), None) == 3

    def test_a_write_of_what_is_not_there_takes_1(self) -> None:
        assert write_units(None, None) == 1

    def test_three_items_of_500_bytes_in_a_transaction_take_6(self) -> None:
        """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html."""
        assert sum(write_units(None, item(500), in_a_transaction=True) for _ in range(3)) == 6


class TestIndexes:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html."""

    WHOLE = Index("gsi1", ("gsi1pk", "gsi1sk"))
    KEYS = Index("gsi1", ("gsi1pk", "gsi1sk"), projects_all=False)

    @staticmethod
    def row(status: str | None, **more: str) -> dict[str, dict[str, str]]:
        keys = {} if status is None else {"gsi1pk": status, "gsi1sk": "1"}
        return {name: {"S": text} for name, text in {"pk": "a", "sk": "b", **keys, **more}.items()}

    def test_an_item_that_comes_in_or_goes_out_takes_1(self) -> None:
        assert self.WHOLE.write_units(None, self.row("open")) == 1
        assert self.WHOLE.write_units(self.row(None), self.row("open")) == 1
        assert self.WHOLE.write_units(self.row("open"), self.row(None)) == 1

    def test_a_changed_key_takes_2(self) -> None:
        assert self.WHOLE.write_units(self.row("open"), self.row("closed")) == 2

    def test_an_item_that_is_in_it_neither_before_nor_after_takes_nothing(self) -> None:
        assert self.WHOLE.write_units(self.row(None), self.row(None, note="new")) == 0

    def test_a_changed_attribute_takes_1_where_it_is_projected_and_nothing_where_it_is_not(self) -> None:
        before, after = self.row("open"), self.row("open", note="new")

        assert self.WHOLE.write_units(before, after) == 1
        assert self.KEYS.write_units(before, after) == 0

    def test_an_entry_is_as_large_as_what_it_holds(self) -> None:
        row = self.row("open", note="x" * 3000)

        assert self.WHOLE.write_units(None, row) == 3
        assert self.KEYS.write_units(None, row) == 1
