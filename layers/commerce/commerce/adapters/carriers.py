"""Carriers: what they ask for a parcel, and where their pickup points are, through whichever provider the shop has."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable

BUDGET_SECONDS = 2.0
"""How long a shopper waits for carriers at most, with all that has to be asked."""

MOST_RATES = 40
MOST_POINTS = 10


class CarriersUnavailable(Unavailable):
    """The provider did not answer in time, or nothing that can be used.

    :ivar again_after_seconds: when it may be asked again, if it said so.
    """

    code = "shipping.carriers_unavailable"
    title = "The carriers do not tell their rates right now"

    def __init__(self, detail: str, *, again_after_seconds: int | None = None) -> None:
        super().__init__(detail)
        self.again_after_seconds = again_after_seconds


class Package(NamedTuple):
    """One package: grams, and millimetres where the size is known."""

    weight_grams: int
    sides_mm: tuple[int, int, int] | None = None


class Place(NamedTuple):
    """Where a parcel starts or ends."""

    country: str
    postal_code: str
    city: str = ""
    region: str = ""


class Rate(NamedTuple):
    """What one service of one carrier asks for the package: minor units of the carrier's own choice of currency.

    :ivar days: working days in transit, where the carrier says.
    """

    service: str
    title: str
    amount: int
    currency: str
    days: int | None = None


class Point(NamedTuple):
    """A place where a carrier hands parcels out.

    :ivar services: codes of the services that deliver there.
    :ivar metres: from the address that was asked for, where the carrier says.
    """

    id: str
    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    services: tuple[str, ...]
    metres: int | None = None


class Carriers(Protocol):
    """What every provider can tell. Nothing is bought, and nothing is kept there."""

    def rates(
        self, *, package: Package, origin: Place, destination: Place, accounts: Sequence[str]
    ) -> tuple[Rate, ...]:
        """Return what the carriers behind these accounts ask; none when none of them goes there.

        :raises CarriersUnavailable: when there is no usable answer within the budget.
        """
        ...

    def points(self, *, near: Place, accounts: Sequence[str]) -> tuple[Point, ...]:
        """Return the carriers' pickup points near a place, the nearest first.

        :raises CarriersUnavailable: when there is no usable answer within the budget.
        """
        ...


def carriers() -> Carriers | None:
    """Return the provider that the shop has, with a fresh budget of time; None when it has none.

    :raises Unavailable: when its key is missing or out of reach.
    """
    match settings().carrier_rates:
        case "off":
            return None
        case "shipengine":
            from commerce.adapters import shipengine, ssm  # noqa: PLC0415 - only shops that ask carriers pay for it.

            key = ssm.secret(settings().carrier_api_key_name)
            return shipengine.ShipEngine(key=key, base=settings().carrier_api_base, seconds=BUDGET_SECONDS)
