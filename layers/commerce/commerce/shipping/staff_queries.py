"""Staff's questions about shipping."""

from commerce.kernel.reads import get
from commerce.shipping.model import ShippingMethodNotFound
from commerce.shipping.records import KEY, ShippingMethodsRecord
from commerce.shipping.schemas import StaffShippingMethod, StaffShippingMethods


def staff_methods() -> StaffShippingMethods:
    """Return all methods and the version of their list."""
    record = get(ShippingMethodsRecord, KEY, KEY)
    if record is None:
        return StaffShippingMethods(items=(), version=0)
    return StaffShippingMethods(items=record.all(), version=int(record.version))


def staff_method(*, method_id: str) -> StaffShippingMethod:
    """Return one method.

    :raises ShippingMethodNotFound: when there is none.
    """
    everything = staff_methods()
    found = next((method for method in everything.items if method.id == method_id), None)
    if found is None:
        detail = f"There is no shipping method '{method_id}'."
        raise ShippingMethodNotFound(detail)
    return StaffShippingMethod(**found.model_dump(), version=everything.version)
