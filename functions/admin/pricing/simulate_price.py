"""POST /v1/admin/pricing/simulate: see what a cart would cost, for any shopper on any day."""

from commerce.carts import simulation
from commerce.carts.staff_schemas import SimulatedPrice, SimulatePrice
from commerce.entrypoints.http import admin

api = admin("prices:read")


@api.post("/v1/admin/pricing/simulate", replay=None)
def simulate_price(body: SimulatePrice) -> SimulatedPrice:
    """Answer the whole price with its explanation. Nothing is stored."""
    return simulation.simulated(wanted=body, call=api.call())


handler = api.handler
