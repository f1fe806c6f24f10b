"""Pages of objects, newest first, as every list of Stripe's answers them."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from local.stripe.errors import no_such
from local.stripe.ledger import Ledger, Resource
from local.stripe.parameters import DEFAULT_PAGE


def page(
    ledger: Ledger,
    kind: str,
    *,
    url: str,
    params: dict[str, Any],
    keep: Callable[[Resource], bool] = lambda _resource: True,
) -> Resource:
    """List what ``keep`` keeps, between the cursors; the filters named in ``created`` apply as well."""
    bounds = params.get("created", {})
    found = [each for each in ledger.newest(kind) if keep(each) and within(each["created"], bounds)]
    limit = params.get("limit", DEFAULT_PAGE)
    if before := params.get("ending_before"):
        newer = found[: _position(ledger, kind, found, before, "ending_before")]
        return _list(newer[-limit:], url, has_more=len(newer) > limit)
    if after := params.get("starting_after"):
        found = found[_position(ledger, kind, found, after, "starting_after") + 1 :]
    return _list(islice(found, limit), url, has_more=len(found) > limit)


def equals(params: dict[str, Any], *names: str) -> Callable[[Resource], bool]:
    """Build a filter on fields whose wanted values are parameters of the same name."""
    wanted = {name: params[name] for name in names if name in params}
    return lambda resource: all(resource.get(name) == value for name, value in wanted.items())


def within(value: int, bounds: dict[str, int]) -> bool:
    """Say whether a time is inside ``gt``, ``gte``, ``lt`` and ``lte`` bounds."""
    return (
        value >= bounds.get("gte", value)
        and value > bounds.get("gt", value - 1)
        and value <= bounds.get("lte", value)
        and value < bounds.get("lt", value + 1)
    )


def _position(ledger: Ledger, kind: str, found: list[Resource], object_id: str, param: str) -> int:
    for index, resource in enumerate(found):
        if resource["id"] == object_id:
            return index
    cursor = ledger.tables.get(kind, {}).get(object_id)
    if cursor is None:
        raise no_such(noun=kind, object_id=object_id, param=param)
    # The cursor fell out of the filter: continue where it would stand.
    return next((i - 1 for i, each in enumerate(found) if each["created"] < cursor["created"]), len(found))


def _list(data: Iterable[Resource], url: str, *, has_more: bool) -> Resource:
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}
