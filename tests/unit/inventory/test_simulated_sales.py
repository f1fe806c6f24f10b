"""How many sales of one SKU shards bear, in virtual time: the same numbers on every machine."""

from functools import cache

import pytest

from tests.contention.simulator import Result, Table, simulated


@cache
def found(shards: int, offered: int) -> Result:
    return simulated(shard_count=shards, offered=offered, lasts=15)


class TestShards:
    def test_one_row_sells_twenty_a_second_and_breaks_down_at_four_times_as_many(self):
        calm, crowded = found(1, 20), found(1, 80)

        assert calm.told_to_wait == 0
        assert calm.settled > 15
        assert crowded.told_to_wait > 0.25
        assert crowded.settled < calm.settled, "payments meet the buyers at the same row"

    @pytest.mark.parametrize(("shards", "bearable"), [(4, 60), (16, 240)])
    def test_so_many_more_shards_bear_so_many_more_buyers(self, shards: int, bearable: int):
        result = found(shards, bearable)

        assert result.told_to_wait == 0
        assert result.settled > 0.9 * bearable
        assert result.within(0.95) < 0.7

    def test_more_shards_sell_more_and_make_buyers_wait_less(self):
        one, four, sixteen = (found(shards, 160) for shards in (1, 4, 16))

        assert one.ordered * 2.5 < four.ordered < sixteen.ordered
        assert one.settled < four.settled < sixteen.settled
        assert one.told_to_wait > four.told_to_wait > sixteen.told_to_wait == 0
        assert one.conflicts > four.conflicts > sixteen.conflicts
        assert one.within(0.5) > four.within(0.5) > sixteen.within(0.5)

    def test_a_run_is_repeated_by_its_seed(self):
        first, again, other = (simulated(shard_count=4, offered=40, lasts=5, seed=seed) for seed in (1, 1, 2))

        assert first == again != other


class TestTable:
    def test_refuses_transactions_that_meet_at_a_row_and_no_others(self):
        table = Table([1, 1, 1])

        assert [table.take([0, 1]), table.take([1, 2]), table.take([2])] == [True, False, True]
        table.let_go([0, 1])
        assert (table.take([1]), table.conflicts) == (True, 1)
