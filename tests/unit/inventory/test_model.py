"""Buckets, moves and levels: the arithmetic that promise G1 rests on, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.inventory.model import Bucket, Level, LevelKey, Move, net_changes, summed

SKUS = ("TEE-S", "TEE-M")
LOCATIONS = ("main", "attic")
SIDES = st.sampled_from([None, *Bucket])


@st.composite
def moves(draw: st.DrawFn) -> Move:
    source, target = draw(st.tuples(SIDES, SIDES).filter(lambda sides: sides[0] != sides[1]))
    return Move(
        sku=draw(st.sampled_from(SKUS)),
        location=draw(st.sampled_from(LOCATIONS)),
        source=source,
        target=target,
        quantity=draw(st.integers(1, 20)),
    )


def level(sku: str, location: str = "main", available: int = 0) -> Level:
    return Level(sku=sku, location=location, available=available, received=available)


class TestMove:
    @pytest.mark.parametrize("quantity", [0, -1])
    def test_refuses_to_move_nothing(self, quantity: int):
        with pytest.raises(ValueError, match="moves nothing"):
            Move("TEE-S", "main", None, Bucket.AVAILABLE, quantity)

    @pytest.mark.parametrize("side", [None, Bucket.DAMAGED])
    def test_refuses_to_go_nowhere(self, side: Bucket | None):
        with pytest.raises(ValueError, match="moves nothing"):
            Move("TEE-S", "main", side, side, 1)

    def test_from_outside_raises_what_was_received(self):
        assert Move("TEE-S", "main", None, Bucket.AVAILABLE, 4).changes == {"available": 4, "received": 4}

    def test_to_outside_lowers_what_was_received(self):
        assert Move("TEE-S", "main", Bucket.AVAILABLE, None, 4).changes == {"available": -4, "received": -4}

    @given(moves())
    def test_keeps_the_buckets_equal_to_what_was_received(self, move: Move):
        changes = dict(move.changes)

        received = changes.pop("received", 0)

        assert sum(changes.values()) == received


class TestSums:
    @given(st.lists(moves(), max_size=12))
    def test_what_is_summed_changes_levels_as_the_single_moves_do(self, several: list[Move]):
        assert net_changes(summed(several)) == net_changes(several)

    @given(st.lists(moves(), max_size=12))
    def test_summing_leaves_one_move_for_each_way(self, several: list[Move]):
        ways = [(move.sku, move.location, move.source, move.target) for move in summed(several)]

        assert len(ways) == len(set(ways))
        assert sum(move.quantity for move in summed(several)) == sum(move.quantity for move in several)

    def test_moves_that_cancel_out_change_no_bucket(self):
        there = Move("TEE-S", "main", Bucket.AVAILABLE, Bucket.RESERVED, 2)
        back = Move("TEE-S", "main", Bucket.RESERVED, Bucket.AVAILABLE, 2)

        assert net_changes([there, back]) == {LevelKey("TEE-S", "main"): {}}


class TestLevel:
    @given(st.lists(moves(), max_size=60))
    def test_stays_sound_through_any_legal_sequence(self, several: list[Move]):
        levels = {LevelKey(sku, location): Level(sku=sku, location=location) for sku in SKUS for location in LOCATIONS}

        for move in several:
            key = LevelKey(move.sku, move.location)
            after = levels[key].after(move.changes)
            if min(after.in_bucket(bucket) for bucket in Bucket) >= 0:
                levels[key] = after

        assert all(result.is_sound for result in levels.values())

    def test_tells_what_lies_there_and_what_is_sold(self):
        stock = Level(
            sku="TEE-S",
            location="main",
            available=1,
            reserved=2,
            committed=4,
            dispatched=8,
            damaged=16,
            quality_hold=32,
            written_off=64,
            received=127,
        )

        assert stock.on_hand == 1 + 2 + 4 + 16 + 32
        assert stock.sold == 4 + 8
        assert stock.is_sound

    def test_counts_its_revisions(self):
        assert level("TEE-S").after({"available": 1, "received": 1}).revision == 1
