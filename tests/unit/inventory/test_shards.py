"""Which shards units come from and go to."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.inventory import shards
from commerce.inventory.model import Allocation, Bucket, Level, LevelKey, Move, net_changes

KEY = LevelKey("TEE-S", "main")
PARTS = st.lists(st.integers(0, 30), min_size=2, max_size=16)


def split(*available: int, shards: int | None = None, **held: Sequence[int]) -> Level:
    parts = tuple(
        {str(bucket): held[bucket][number] if bucket in held else 0 for bucket in Bucket} | {"available": units}
        for number, units in enumerate(available)
    )
    return Level(sku="TEE-S", location="main", available=sum(available), shards=shards or len(available), parts=parts)


class TestTaken:
    @given(available=PARTS, quantity=st.integers(1, 40), seed=st.integers())
    def test_units_are_found_whenever_they_are_there(self, available: list[int], quantity: int, seed: int):
        found = shards.taken(quantity, available=available, chance=Random(seed))

        assert sum(found.values()) == min(quantity, sum(available))
        assert all(0 < units <= available[shard] for shard, units in found.items())

    @given(available=PARTS, quantity=st.integers(1, 30), seed=st.integers())
    def test_a_line_comes_from_one_shard_whenever_one_has_it(self, available: list[int], quantity: int, seed: int):
        if max(available) >= quantity:
            assert len(shards.taken(quantity, available=available, chance=Random(seed))) == 1

    def test_a_line_comes_from_the_fewest_shards_that_have_it(self):
        assert shards.taken(7, available=[1, 4, 1, 3, 2], chance=Random(1)) == {1: 4, 3: 3}

    def test_buyers_meet_at_few_shards_and_leave_all_of_them_about_equally_full(self):
        chance, available = Random(7), [100] * 16

        for _ in range(800):
            [(shard, units)] = shards.taken(1, available=available, chance=chance).items()
            available[shard] -= units

        assert max(available) - min(available) <= 4, "one choice instead of two would leave them 20 apart"

    def test_the_fuller_of_two_is_chosen(self):
        found = {tuple(shards.taken(1, available=[9, 1], chance=Random(seed)).items()) for seed in range(20)}

        assert found == {((0, 1),)}

    def test_the_same_seed_makes_the_same_choice(self):
        levels = {"TEE-S": [split(5, 5, 5, 5)]}
        wanted = [Allocation("TEE-S", "main", 1)]

        chosen = [shards.spread(wanted, levels=levels, seed=f"ord_{number % 9}") for number in range(27)]

        assert chosen[:9] == chosen[9:18] == chosen[18:]
        assert len({one.shard for [one] in chosen}) == 4


class TestSpread:
    def test_what_is_not_split_stays_as_it_is(self):
        wanted = (Allocation("TEE-S", "main", 2), Allocation("MUG", "attic", 1))
        plain = {"TEE-S": [Level(sku="TEE-S", location="main", available=9)]}

        assert shards.spread(wanted, levels=plain, seed="ord_1") == wanted
        mixed = {"MUG": [Level(sku="MUG", location="attic", available=1)], "TEE-S": [split(0, 2)]}
        assert shards.spread(wanted, levels=mixed, seed="ord_1") == (wanted[0]._replace(shard=1), wanted[1])

    def test_of_a_level_that_was_put_together_its_old_parts_are_known(self):
        levels = {"TEE-S": [split(1, 0, 3, shards=1)]}

        found = shards.spread([Allocation("TEE-S", "main", 4)], levels=levels, seed="ord_1")

        assert {(one.shard, one.quantity) for one in found} == {(0, 1), (2, 3)}


class TestPoured:
    @given(available=PARTS, quantity=st.integers(1, 200))
    def test_as_even_as_can_be_without_taking_from_any(self, available: list[int], quantity: int):
        more = shards.poured(quantity, available=available)

        after = [units + more.get(shard, 0) for shard, units in enumerate(available)]
        assert sum(more.values()) == quantity
        assert min(more.values()) > 0
        filled = [units for shard, units in enumerate(after) if shard in more]
        assert max(filled) <= min(after) + 1


class TestOverShards:
    @pytest.mark.parametrize(
        ("source", "target", "expected"),
        [
            (None, Bucket.AVAILABLE, {0: 1, 1: 4}),
            (None, Bucket.DAMAGED, {0: 5}),
            (Bucket.AVAILABLE, None, {0: 4, 2: 1}),
            (Bucket.COMMITTED, Bucket.AVAILABLE, {2: 3, 1: 2}),
        ],
    )
    def test_units_leave_where_they_are_and_come_where_they_lack(
        self, source: Bucket | None, target: Bucket | None, expected: dict[int, int]
    ):
        level = split(4, 1, 2, 0, shards=2, committed=[0, 2, 3, 0])

        moves = shards.over_shards(Move("TEE-S", "main", source, target, 5), level)

        assert {move.shard: move.quantity for move in moves} == expected
        assert {(move.source, move.target) for move in moves} == {(source, target)}

    def test_what_is_not_there_is_asked_of_the_first_shard_which_refuses(self):
        moves = shards.over_shards(Move("TEE-S", "main", Bucket.AVAILABLE, None, 9), split(1, 2))

        assert {move.shard: move.quantity for move in moves} == {0: 7, 1: 2}

    def test_a_plain_level_is_left_alone(self):
        move = Move("TEE-S", "main", Bucket.AVAILABLE, None, 9)

        assert shards.over_shards(move, Level(sku="TEE-S", location="main")) == [move]


class TestEvening:
    @given(available=PARTS, into=st.sampled_from([1, 2, 4, 8, 16]))
    def test_leaves_all_equal_and_none_outside_and_loses_nothing(self, available: list[int], into: int):
        moves = shards.evening(KEY, available=available, shards=into)

        after = dict(enumerate(available))
        for key, changes in net_changes(moves).items():
            after[key.shard] = after.get(key.shard, 0) + changes["available"]
            assert changes["available"] == changes["received"]
        inside = [after.get(shard, 0) for shard in range(into)]
        assert sum(inside) == sum(available)
        assert max(inside) - min(inside) <= 1
        assert not shards.is_uneven([after.get(shard, 0) for shard in range(16)], shards=into)

    @pytest.mark.parametrize(
        ("available", "into", "uneven"),
        [
            ([8, 8, 8, 8], 4, False),
            ([9, 6, 8, 5], 4, False),
            ([20, 1, 6, 5], 4, True),
            ([2, 1, 0, 1], 4, False),
            ([0, 0, 0, 8], 4, True),
            ([3, 0], 1, False),
            ([3, 1], 1, True),
            ([64], 4, True),
        ],
    )
    def test_is_worth_it_when_buyers_would_wait_for_each_other_or_not_see_units(
        self, available: list[int], into: int, *, uneven: bool
    ):
        assert shards.is_uneven(available, shards=into) == uneven
