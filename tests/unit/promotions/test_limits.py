"""How limits are spread over parts, and moved between them."""

from hypothesis import given
from hypothesis import strategies as st

from commerce.promotions.known import Shard
from commerce.promotions.limits import NUMBERS, Need, gathering, part_for, spread

lefts = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), min_size=4, max_size=4).map(
    lambda each: [Shard(number, uses, {"USD": amount}) for number, (uses, amount) in enumerate(each)]
)
needs = st.builds(Need, uses=st.integers(0, 1), amount=st.integers(0, 150), currency=st.just("USD"))


class TestPart:
    @given(need=needs, shards=lefts, order_id=st.text(min_size=1))
    def test_has_enough_or_there_is_none(self, need: Need, shards: list[Shard], order_id: str) -> None:
        number = part_for(need, shards, order_id=order_id)

        assert (number is None) == (not any(need.fits(shard) for shard in shards))
        assert number is None or need.fits(shards[number])

    def test_is_another_one_for_other_orders(self) -> None:
        full = [Shard(number, 9) for number in NUMBERS]

        found = {part_for(Need(1, 0, "USD"), full, order_id=f"ord_{number}") for number in range(50)}

        assert found == set(NUMBERS)


class TestGathering:
    @given(need=needs, shards=lefts)
    def test_gives_one_part_enough_and_changes_no_sum(self, need: Need, shards: list[Shard]) -> None:
        plan = gathering(need, shards)

        enough = (
            sum(shard.uses for shard in shards) >= need.uses
            and sum(shard.budget["USD"] for shard in shards) >= need.amount
        )
        assert (plan is not None) == enough
        if plan is not None:
            after = {
                shard.number: (
                    shard.uses + plan.changes.get(shard.number, (0, 0))[0],
                    shard.budget["USD"] + plan.changes.get(shard.number, (0, 0))[1],
                )
                for shard in shards
            }
            assert all(uses >= 0 and amount >= 0 for uses, amount in after.values())
            assert after[plan.into][0] >= need.uses
            assert after[plan.into][1] >= need.amount
            assert sum(uses for uses, _ in after.values()) == sum(shard.uses for shard in shards)
            assert sum(amount for _, amount in after.values()) == sum(shard.budget["USD"] for shard in shards)

    def test_of_nothing_is_not_possible(self) -> None:
        assert gathering(Need(0, 0, "USD"), []) is None


class TestSpread:
    @given(change=st.integers(-200, 200), left=st.lists(st.integers(0, 60), min_size=4, max_size=4))
    def test_sums_up_and_leaves_no_part_below_zero(self, change: int, left: list[int]) -> None:
        parts = spread(change, dict(enumerate(left)))

        assert (parts is None) == (-change > sum(left))
        if parts is not None:
            assert sum(parts.values()) == change
            assert all(left[number] + part >= 0 for number, part in parts.items())

    def test_is_even_when_there_is_more(self) -> None:
        assert spread(6, dict.fromkeys(NUMBERS, 0)) == {0: 2, 1: 2, 2: 1, 3: 1}
