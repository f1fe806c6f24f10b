"""What a caller reads when there is not enough stock."""

from commerce.inventory.errors import InsufficientStock, Shortage, StaleQuantity


class TestInsufficientStock:
    def test_says_all_lines_when_refusals_are_joined(self):
        first = InsufficientStock.of(Shortage(sku="TEE-S", wanted=3, left=1))
        second = InsufficientStock.of(Shortage(sku="TEE-M", wanted=1, left=0))

        joined = first.joined((second,))

        assert joined.detail == "Only 1 of TEE-S is left; 3 are needed. TEE-M is out of stock."
        assert [fault.param for fault in joined.errors] == ["lines.TEE-S.quantity", "lines.TEE-M.quantity"]

    def test_names_the_bucket_that_is_short(self):
        refusal = InsufficientStock.of(Shortage(sku="TEE-S", wanted=3, left=1, bucket="quality_hold"))

        assert refusal.detail == "There are 1 of TEE-S in the bucket 'quality hold'; 3 are needed."


class TestStaleQuantity:
    def test_tells_the_present_value(self):
        refusal = StaleQuantity.of(sku="TEE-S", location="main", expected=3, current=5)

        assert refusal.extra == {"available": 5}
        assert refusal.detail == "You saw 3 of TEE-S available at main, but there are 5 by now."
