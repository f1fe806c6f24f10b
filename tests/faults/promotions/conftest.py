"""Promotions on DynamoDB Local: carts that are priced, ordered and closed again by many threads at once."""

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pytest

from commerce.adapters import ssm
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.errors import CommerceError, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.outbox import Event, announce
from commerce.kernel.reads import fetch
from commerce.kernel.signing import SigningKey, SigningKeys
from commerce.kernel.transactions import commit
from commerce.promotions import counting, operations, queries, staff_codes, staff_operations, staff_queries
from commerce.promotions.codes import CartCode
from commerce.promotions.engine import evaluate
from commerce.promotions.errors import Overtaken
from commerce.promotions.outcomes import Evaluation
from commerce.promotions.schemas import NewCodes, PutPromotion
from commerce.promotions.situation import Item, Situation
from commerce.promotions.uses import Uses
from tests.support.racing import KEYS, staff_call

ATTEMPTS = 6
"""How often a checkout prices its cart again when others were faster."""

OTHER_KEYS = SigningKeys((SigningKey("k2", b"the next secret"), *KEYS.keys))


class NotApplied(CommerceError):
    """The promotion does not apply any more; the message says why."""

    code = "not applied"


class Ordered(Event):
    """Stands for the order's own row: its commit has a unique row, as a checkout's has."""

    type = "tests.ordered"


@pytest.fixture(autouse=True)
def signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign without SSM."""
    monkeypatch.setattr(ssm, "secret", lambda _: "")
    monkeypatch.setattr(ssm, "_parsed", lru_cache(lambda _: KEYS))


def put(promotion_id: str = "sale", **terms: Any) -> None:
    body = {
        "title": "Sale",
        "status": "active",
        "actions": [{"kind": "amount_off_order", "off": [{"amount": 30, "currency": "USD"}]}],
        **terms,
    }
    staff_operations.put_promotion(
        promotion_id=promotion_id, terms=PutPromotion.model_validate(body), call=staff_call()
    )


def make(promotion_id: str = "sale", *, key: str | None = None, **body: Any) -> Any:
    return staff_codes.make_codes(promotion_id=promotion_id, new=NewCodes.model_validate(body), call=staff_call(key))


def budget(amount: int) -> dict[str, Any]:
    return {"budget": [{"amount": amount, "currency": "USD"}]}


def priced(*codes: str, email: str = "ann@example.com", price: int = 1000) -> Evaluation:
    """Price a cart as carts do: one read of what the shop shares, one of codes, limits and the customer."""
    shop = queries.promotions(answers=fetch(queries.shop_reads()))
    kept = [_kept(text) for text in codes]
    answers = fetch(queries.code_reads(promotions=shop, codes=kept, customer_email=email))
    known = queries.known_codes(answers=answers, promotions=shop, codes=kept, customer_email=email)
    situation = Situation(
        currency="USD",
        now=clock.now(),
        items=(Item(sku="HAT", product_id="prod_hat", shelves=frozenset(), quantity=1, unit_price=price),),
        codes=known.codes,
        limits=known.limits,
        orders_before=known.orders_before,
    )
    return evaluate(promotions=shop, situation=situation)


def order(*codes: str, email: str = "ann@example.com", price: int = 1000, among: list[Uses] | None = None) -> None:
    """Price a cart and order it, pricing it again while others are faster.

    :param among: gets what the order used up.
    :raises NotApplied: when no promotion applies any more.
    """
    order_id = new_id("ord")
    for attempt in range(ATTEMPTS):
        evaluation = priced(*codes, email=email, price=price)
        if not any(outcome.applied for outcome in evaluation.outcomes):
            raise NotApplied(" ".join(outcome.reason for outcome in evaluation.outcomes))
        call = system_call(worker="test", now=clock.now())
        try:
            taken = operations.taken(evaluation=evaluation, order_id=order_id, customer_email=email, call=call)
            commit([announce(Ordered(), aggregate=order_id, sequence=1, call=call), *taken.writes])
        except (Overtaken, WriteConflict):
            if attempt == ATTEMPTS - 1:
                raise
            continue
        if among is not None:
            among.append(taken.uses)
        return


def order_on(*codes: str, price: int = 1000) -> int:
    """Order one after the other, for other shoppers, until no promotion applies any more; return how often one did."""
    for count in itertools.count():
        try:
            order(*codes, email=f"late-{count}@example.com", price=price)
        except NotApplied:
            return count
    raise AssertionError


def close(uses: Uses, order_id: str = "", *, was_placed: bool = False) -> None:
    """Give back what an order used up, in the transaction that closes it: once, however often it is tried."""
    call = system_call(worker="test", now=clock.now())
    event = announce(Ordered(), aggregate=order_id or new_id("ord"), sequence=2, call=call)
    commit([event, *counting.given_back(uses=uses, was_placed=was_placed, call=call)])


def place(uses: Uses) -> None:
    """Place an order, which used up this of promotions."""
    call = system_call(worker="test", now=clock.now())
    event = announce(Ordered(), aggregate=new_id("ord"), sequence=3, call=call)
    commit([event, *counting.ordered(uses=uses, call=call)])


def uses_left(promotion_id: str = "sale") -> int:
    usage = staff_queries.usage(promotion_id=promotion_id).uses
    assert usage is not None
    return usage.left


def budget_left(promotion_id: str = "sale") -> int:
    [usage] = staff_queries.usage(promotion_id=promotion_id).budget
    return usage.left.amount


def rows(tables: Any, prefix: str) -> list[dict[str, Any]]:
    """Return the rows of the table whose partition begins so."""
    items: list[dict[str, Any]] = tables.scan(TableName="test-promotions", ConsistentRead=True)["Items"]
    return [item for item in items if item["pk"]["S"].startswith(prefix)]


def check_sound(tables: Any) -> None:
    """Check that no part of a limit has less than nothing left, or more than it was given."""
    for row in (each for each in rows(tables, "promotion#") if each["sk"]["S"].startswith("limit#")):
        assert 0 <= int(row["uses_left"]["N"]) <= int(row["uses_given"]["N"]), row
        for currency, left in row["budget_left"]["M"].items():
            assert 0 <= int(left["N"]) <= int(row["budget_given"]["M"][currency]["N"]), row


def known(*texts: str) -> list[CartCode]:
    return [_kept(text) for text in texts]


def _kept(text: str) -> CartCode:
    return queries.typed_code(text=text, answers=fetch(queries.typed_code_reads(text=text)))


def applied(evaluation: Evaluation) -> Sequence[str]:
    """Return what came of each promotion and code."""
    return [outcome.reason.removeprefix("promotions.") for outcome in evaluation.outcomes]
