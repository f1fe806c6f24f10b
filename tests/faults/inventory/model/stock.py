"""A model of stock: two SKUs, two locations, three carts, and one level that can be split into two shards.

Whatever the store does in one transaction is one step here; what it reads before and decides by is another, so that
all others can step in between. The model knows nothing of the store's code: sums of small numbers are all it has.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import NamedTuple

AVAILABLE, RESERVED, COMMITTED, DISPATCHED, RECEIVED = range(5)
OUTSIDE = -1


class Cell(NamedTuple):
    """A row of stock: a SKU at a location, or a shard of it."""

    sku: str
    location: str
    shard: int = 0


CELLS = (Cell("A", "main"), Cell("A", "main", 1), Cell("A", "attic"), Cell("B", "main"), Cell("B", "attic"))
SPLIT = (0, 1)
"""The cells of the level that can be split."""

PLACES = {"A": ((0, 1), (2,)), "B": ((3,), (4,))}
"""The cells of each SKU by location, in order of priority."""

WANTED = ({"A": 2}, {"A": 1, "B": 1}, {"B": 1})
FIRST = ((2, 0, 0, 0, 2), (0, 0, 0, 0, 0), (1, 0, 0, 0, 1), (1, 0, 0, 0, 1), (0, 0, 0, 0, 0))

Parts = tuple[tuple[int, int], ...]
"""Units by cell."""

Row = tuple[int, int, int, int, int]


class CartState(NamedTuple):
    """What a cart is about to take, holds, has paid or got: open, chosen, reserved, committed, dispatched, over."""

    status: str = "open"
    parts: Parts = ()


class Plan(NamedTuple):
    """An evening out that was decided by what was read: what each cell gains, and over how many shards.

    :ivar read_in: over how many shards the level was spread then.
    """

    gains: Parts
    into: int
    read_in: int


class State(NamedTuple):
    """Everything there is.

    :ivar plans: what two workers are about to do, who even out shards and know nothing of each other.
    :ivar told: available units moved, and nobody has looked at the rows since.
    :ivar net: units of each SKU that came in, less those that went out: what the rows' `received` must sum up to.
    :ivar staff: how many more changes staff make.
    :ivar evenings: how many more evenings out there are.
    """

    rows: tuple[Row, ...] = FIRST
    carts: tuple[CartState, ...] = (CartState(),) * len(WANTED)
    shards: int = 1
    plans: tuple[Plan | None, ...] = (None, None)
    told: bool = False
    net: tuple[int, int] = (3, 1)
    staff: int = 1
    evenings: int = 2


class Moved(NamedTuple):
    """Units that change buckets in a cell; OUTSIDE is none."""

    cell: int
    source: int
    target: int
    units: int


class Step(NamedTuple):
    """One step: what is done, by or to what, and the units that it moves.

    :ivar after: the state that it leads to.
    :ivar refused: it was tried, and units were missing.
    """

    name: str
    about: object
    moves: tuple[Moved, ...]
    after: State
    refused: bool = False


@dataclass(frozen=True)
class Rules:
    """What the store does to be right; each can be left out, to see that it is missed."""

    takes_under_condition: bool = True
    remembers_shards: bool = True
    evens_under_condition: bool = True
    evens_old_shards: bool = True
    empties_old_shards: bool = True
    tells_of_evenings: bool = True


RIGHT = Rules()

ORDER_STEPS = {
    "pay": ("reserved", "committed", RESERVED, COMMITTED),
    "expire": ("reserved", "over", RESERVED, AVAILABLE),
    "cancel": ("committed", "over", COMMITTED, AVAILABLE),
    "dispatch": ("committed", "dispatched", COMMITTED, DISPATCHED),
    "return": ("dispatched", "over", DISPATCHED, AVAILABLE),
}


def steps(state: State, rules: Rules = RIGHT) -> Iterator[Step]:
    """Return every step that can come next."""
    for number in range(len(WANTED)):
        yield from _cart_steps(state, number, rules)
    if state.staff:
        yield from _staff_steps(state)
    yield from _evening_steps(state, rules)


def _cart_steps(state: State, number: int, rules: Rules) -> Iterator[Step]:
    cart = state.carts[number]
    if cart.status == "open":
        for parts in _choices(state, number):
            yield Step("choose", (number, parts), (), _with_cart(state, number, CartState("chosen", parts)))
    if cart.status == "chosen":
        moves = tuple(Moved(cell, AVAILABLE, RESERVED, units) for cell, units in cart.parts)
        if rules.takes_under_condition and not _bears(state, moves):
            yield Step("take", number, moves, _with_cart(state, number, CartState()), refused=True)
        else:
            yield Step(
                "take", number, moves, _moved(_with_cart(state, number, cart._replace(status="reserved")), moves)
            )
    for name, (before, after, source, target) in ORDER_STEPS.items():
        if cart.status == before:
            parts = cart.parts if rules.remembers_shards else tuple((cell - (cell == 1), n) for cell, n in cart.parts)
            moves = tuple(Moved(cell, source, target, units) for cell, units in parts)
            next_cart = CartState("over") if after == "over" else cart._replace(status=after)
            yield Step(name, number, moves, _moved(_with_cart(state, number, next_cart), moves))


def _choices(state: State, number: int) -> Iterator[Parts]:
    """Return every way in which a cart can be served: locations by priority, shards by chance."""
    ways = [list(_ways(sku, units, state)) for sku, units in WANTED[number].items()]
    for chosen in product(*ways):
        yield tuple(part for parts in chosen for part in parts)


def _ways(sku: str, units: int, state: State) -> Iterator[Parts]:
    seen = {place: _seen(state, place) for place in PLACES[sku]}
    totals = {place: sum(found.values()) for place, found in seen.items()}
    if sum(totals.values()) < units:
        return
    whole = [place for place in PLACES[sku] if totals[place] >= units]
    if whole:
        yield from _over(seen[whole[0]], units)
        return
    shares, rest = [], units
    for place in PLACES[sku]:
        share = min(rest, totals[place])
        rest -= share
        shares.append(list(_over(seen[place], share)) if share else [()])
    for chosen in product(*shares):
        yield tuple(part for parts in chosen for part in parts)


def _seen(state: State, place: tuple[int, ...]) -> dict[int, int]:
    """Return what buyers see: of a level that is not split, its first row."""
    return {cell: state.rows[cell][AVAILABLE] for cell in (place if state.shards > 1 else place[:1])}


def _over(available: dict[int, int], units: int) -> Iterator[Parts]:
    """Return the shards that units can come from: one that has them all, or the few that have them together."""
    whole = [cell for cell, found in available.items() if found >= units]
    if whole:
        yield from (((cell, units),) for cell in whole)
        return
    fullest = sorted(available, key=lambda cell: -available[cell])
    parts, rest = [], units
    for cell in fullest:
        if taken := min(rest, available[cell]):
            parts.append((cell, taken))
            rest -= taken
    yield tuple(parts)


def _staff_steps(state: State) -> Iterator[Step]:
    spent = state._replace(staff=state.staff - 1)
    poorest = min(SPLIT[: state.shards], key=lambda cell: (state.rows[cell][AVAILABLE], cell))
    fullest = max(SPLIT, key=lambda cell: (state.rows[cell][AVAILABLE], -cell))
    for name, sku, moves in (
        ("receive", "A", (Moved(poorest, OUTSIDE, AVAILABLE, 1),)),
        ("receive", "B", (Moved(4, OUTSIDE, AVAILABLE, 1),)),
        ("adjust", "A", (Moved(fullest, AVAILABLE, OUTSIDE, 1),)),
        ("transfer", "A", (Moved(fullest, AVAILABLE, OUTSIDE, 1), Moved(2, OUTSIDE, AVAILABLE, 1))),
        ("transfer", "B", (Moved(3, AVAILABLE, OUTSIDE, 1), Moved(4, OUTSIDE, AVAILABLE, 1))),
    ):
        if not _bears(state, moves):
            yield Step(name, sku, moves, spent, refused=True)
            continue
        more = sum(move.units * ((move.source == OUTSIDE) - (move.target == OUTSIDE)) for move in moves)
        net = (spent.net[0] + more * (sku == "A"), spent.net[1] + more * (sku == "B"))
        yield Step(name, sku, moves, _moved(spent._replace(net=net), moves))


def _evening_steps(state: State, rules: Rules) -> Iterator[Step]:
    available = tuple(state.rows[cell][AVAILABLE] for cell in SPLIT)
    if None in state.plans:
        worker = state.plans.index(None)
        if state.evenings:
            into = 3 - state.shards  # Split what is whole, put together what is split.
            fewer = state._replace(evenings=state.evenings - 1)
            plan = Plan(_gains(available, into), into, state.shards)
            yield Step("plan", (worker, into), (), _with_plan(fewer, worker, plan))
        if state.told:
            plan, seen = Plan(_gains(available, state.shards), state.shards, state.shards), state._replace(told=False)
            is_wanted = _is_uneven(available if rules.evens_old_shards else available[: state.shards], state.shards)
            yield Step("look", worker, (), _with_plan(seen, worker, plan) if is_wanted else seen)
    for worker, pending in enumerate(state.plans):
        if pending is not None:
            yield _evened(state, worker, pending, rules)


def _evened(state: State, worker: int, plan: Plan, rules: Rules) -> Step:
    moves = tuple(
        Moved(cell, OUTSIDE, AVAILABLE, units) if units > 0 else Moved(cell, AVAILABLE, OUTSIDE, -units)
        for cell, units in plan.gains
    )
    done = _with_plan(state, worker, None)
    is_split = plan.into != plan.read_in
    is_overtaken = is_split and state.shards != plan.read_in
    if is_split and plan.into == 1 and rules.empties_old_shards:
        is_overtaken |= state.rows[1][AVAILABLE] != -dict(plan.gains).get(1, 0)
    if is_overtaken or (rules.evens_under_condition and not _bears(state, moves)):
        return Step("even out", worker, moves, done, refused=True)
    after = _moved(done._replace(shards=plan.into) if is_split else done, moves)
    return Step("even out", worker, moves, after if rules.tells_of_evenings else after._replace(told=state.told))


def _gains(available: tuple[int, ...], into: int) -> Parts:
    """Return what each shard gains when all are made equal; what is over stays where most was."""
    height, rest = divmod(sum(available), into)
    fullest = sorted(range(into), key=lambda shard: (-available[shard], shard))
    wanted = {shard: height + (place < rest) for place, shard in enumerate(fullest)}
    gains = ((cell, wanted.get(shard, 0) - available[shard]) for shard, cell in enumerate(SPLIT))
    return tuple((cell, units) for cell, units in gains if units)


def _is_uneven(available: tuple[int, ...], shards: int) -> bool:
    share = sum(available) // shards
    return any(available[shards:]) or (share >= 2 and 2 * min(available[:shards]) < share)


def _bears(state: State, moves: tuple[Moved, ...]) -> bool:
    return all(move.source == OUTSIDE or state.rows[move.cell][move.source] >= move.units for move in moves)


def _with_cart(state: State, number: int, cart: CartState) -> State:
    return state._replace(carts=(*state.carts[:number], cart, *state.carts[number + 1 :]))


def _with_plan(state: State, worker: int, plan: Plan | None) -> State:
    return state._replace(plans=(*state.plans[:worker], plan, *state.plans[worker + 1 :]))


def _moved(state: State, moves: tuple[Moved, ...]) -> State:
    rows = list(state.rows)
    for move in moves:
        rows[move.cell] = _changed(rows[move.cell], move.source, move.target, move.units)
    told = state.told or any(AVAILABLE in {move.source, move.target} for move in moves)
    return state._replace(rows=tuple(rows), told=told)


@cache
def _changed(row: Row, source: int, target: int, units: int) -> Row:
    changed = list(row)
    for bucket, more in ((source, -units), (target, units)):
        changed[RECEIVED if bucket == OUTSIDE else bucket] += more if bucket != OUTSIDE else -more
    available, reserved, committed, dispatched, received = changed
    return available, reserved, committed, dispatched, received


# ---- what must hold --------------------------------------------------------------------------------------------


def broken(state: State) -> Iterator[str]:
    """Return what is wrong with a state, in words."""
    for cell, row in zip(CELLS, state.rows, strict=True):
        if min(row) < 0:
            yield f"{cell} is negative: {row}"
        if sum(row[:RECEIVED]) != row[RECEIVED]:
            yield f"{cell} does not sum up to what was received: {row}"
    for sku, net in zip(PLACES, state.net, strict=True):
        received = sum(row[RECEIVED] for cell, row in zip(CELLS, state.rows, strict=True) if cell.sku == sku)
        if received != net:
            yield f"{net} of {sku} are there, and the rows say {received}"
    yield from _unlike_carts(state)
    is_stranded = state.shards == 1 and state.rows[1][AVAILABLE] > 0
    if is_stranded and not state.told and state.plans == (None, None):
        yield "units lie in a shard that nobody sells from, and nobody will move them"


def _unlike_carts(state: State) -> Iterator[str]:
    for bucket, status in ((RESERVED, "reserved"), (COMMITTED, "committed"), (DISPATCHED, "dispatched")):
        held = [0] * len(CELLS)
        for cell, units in (part for cart in state.carts if cart.status == status for part in cart.parts):
            held[cell] += units
        found = [row[bucket] for row in state.rows]
        if _by_level(held) != _by_level(found):
            yield f"carts hold {held} {status}, and the rows have {found}"


def _by_level(units: list[int]) -> list[int]:
    return [units[0] + units[1], *units[2:]]


def explored(first: State, rules: Rules = RIGHT) -> tuple[int, str | None]:
    """Look at every state that can be reached, breadth first; return how many there are, and what is wrong with one.

    It ends at the first state that is wrong: no shorter way leads to a mistake.
    """
    seen = {first}
    waiting = deque([first])
    while waiting:
        state = waiting.popleft()
        for step in steps(state, rules):
            if step.after in seen:
                continue
            wrong = next(broken(step.after), None)
            if wrong is not None:
                return len(seen), f"{step.name}: {wrong}"
            seen.add(step.after)
            waiting.append(step.after)
    return len(seen), None


def without(rule: str) -> Rules:
    """Return the rules less one."""
    return replace(RIGHT, **{rule: False})
