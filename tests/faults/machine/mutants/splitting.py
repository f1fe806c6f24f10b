"""Mistakes with a SKU that is split over shards."""

from tests.faults.machine.cases import Client, Scenario, Shopper
from tests.faults.machine.modes import Mode
from tests.faults.machine.mutants.mutant import Mutant
from tests.faults.machine.mutants.trials import On, Race

BUYS = On("check out the last units of a split SKU")
NEVER_PAYS = On("check out the last units of a split SKU", Scenario(Client.NO_KEY, Shopper.NEVER))
SPLITS = On("split a SKU")
PUTS_TOGETHER = On("put a split SKU together while an order holds it")
DIES = On(
    "put a split SKU together",
    Scenario(Client.GIVES_UP),
    Mode.CRASH_AFTER,
    "TransactWriteItems inventory",
)
EVENS_OUT = On("even out a split SKU", Scenario(twice=True))

MUTANTS = (
    Mutant(
        name="what was held is released into the first shard",
        why="A SKU at a location is all that a move needs: the shard has a default.",
        function="commerce.checkout.closing:held_stock",
        old="part.quantity, part.shard)",
        new="part.quantity)",
        kills=(NEVER_PAYS, BUYS),
    ),
    Mutant(
        name="carts look at the first shard alone",
        why="It has the same key as the level of any other SKU, and it was read already.",
        function="commerce.carts.queries:priced",
        old="shards=fetch(shards) if shards else None",
        new="shards=None",
        kills=(BUYS,),
    ),
    Mutant(
        name="a line comes from the fuller of two shards, or not at all",
        why="Two choices are what the papers recommend.",
        function="commerce.inventory.shards:taken",
        old="if available[fuller] >= quantity:",
        new="if True:",
        kills=(BUYS,),
    ),
    Mutant(
        name="a level is put together first, and emptied of its shards then",
        why="Buyers look at one row from then on, so the rest can follow.",
        function="commerce.inventory.sharding:_set_at",
        old="commit(split_writes(rows, into=new.shards, call=call))",
        new="writes = split_writes(rows, into=new.shards, call=call); commit(writes[-1:]); commit(writes[:-1])",
        kills=(DIES,),
    ),
    Mutant(
        name="shards that were given up are not looked at again",
        why="They were emptied when the level was put together.",
        function="commerce.inventory.shards:is_uneven",
        old="if any(available[shards:]):",
        new="if False:",
        kills=(PUTS_TOGETHER,),
    ),
    Mutant(
        name="evening out fills shards and takes from none",
        why="Only what a shard lacks is written; the others have enough.",
        function="commerce.inventory.shards:evening",
        old="if more:",
        new="if more > 0:",
        kills=(SPLITS, EVENS_OUT),
    ),
    Mutant(
        name="a split level is evened out without asking what its shards have",
        why="Their sum is the same before and after, so what can go wrong?",
        function="commerce.inventory.operations:_level_write",
        old="condition=reduce(and_, conditions) if conditions else None",
        new="condition=None if key.shard else reduce(and_, conditions) if conditions else None",
        kills=(Race("put together x checkout: the last units"),),
    ),
    Mutant(
        name="what comes into a shard while it is given up is not minded",
        why="What was read is moved, on the condition that it is there.",
        function="commerce.inventory.sharding:split_writes",
        old="*emptied, ",
        new="",
        kills=(Race("put together x leave"),),
    ),
)
