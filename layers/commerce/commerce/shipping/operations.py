"""Changes of the shop's shipping methods.

Each writes the whole list, conditioned on the version that it read. A clash with another change is tried again from
the start, as each names one method and leaves the others alone; a caller who sent If-Match gets the 412 instead.
"""

from collections.abc import Sequence

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from commerce.kernel.call import Call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.transactions import commit
from commerce.shipping import staff_queries as queries
from commerce.shipping.model import MOST_METHODS, ShippingMethod, ShippingMethodNotFound, TooManyMethods, in_order
from commerce.shipping.records import methods_write
from commerce.shipping.schemas import PutShippingMethod, StaffShippingMethod, StaffShippingMethods

_again_after_a_clash = retry(
    retry=retry_if_exception_type(WriteConflict),
    wait=wait_random_exponential(multiplier=0.02, max=0.2),
    stop=stop_after_attempt(4),
    reraise=True,
)


@_again_after_a_clash
def put_method(*, method_id: str, method: PutShippingMethod, call: Call) -> StaffShippingMethod:
    """Add a method, or replace it whole.

    :raises StaleVersion: when `If-Match` named another version of the list.
    :raises TooManyMethods: when the list is full.
    """
    before = queries.staff_methods()
    call.check_version(before.version)
    changed = ShippingMethod(id=method_id, **method.model_dump())
    others = [other for other in before.items if other.id != method_id]
    if len(others) >= MOST_METHODS:
        raise TooManyMethods
    _replace([*others, changed], seen_version=before.version, resource=method_id, call=call)
    return StaffShippingMethod(**changed.model_dump(), version=before.version + 1)


@_again_after_a_clash
def delete_method(*, method_id: str, call: Call) -> StaffShippingMethods:
    """Remove a method. Carts that chose it are told so by a problem; orders keep what they were sold.

    :raises ShippingMethodNotFound: when there is none.
    :raises StaleVersion: when `If-Match` named another version of the list.
    """
    before = queries.staff_methods()
    call.check_version(before.version)
    others = tuple(other for other in before.items if other.id != method_id)
    if len(others) == len(before.items):
        detail = f"There is no shipping method '{method_id}'."
        raise ShippingMethodNotFound(detail)
    _replace(others, seen_version=before.version, resource=method_id, call=call)
    return StaffShippingMethods(items=others, version=before.version + 1)


def method_put_again(*, resource: str, call: Call) -> StaffShippingMethod:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `put_method` that was done before.

    :raises ShippingMethodNotFound: when the method was deleted since.
    """
    return queries.staff_method(method_id=resource)


def method_deleted_again(*, resource: str, call: Call) -> StaffShippingMethods:  # noqa: ARG001 - the edge passes both.
    """Render the answer of a `delete_method` that was done before."""
    return queries.staff_methods()


def _replace(methods: Sequence[ShippingMethod], *, seen_version: int, resource: str, call: Call) -> None:
    write = methods_write(methods=in_order(methods), seen_version=seen_version, call=call)
    commit([write, call.once and call.once.row(resource)])
