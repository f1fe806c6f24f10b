"""Tables as carriers publish them, in the words of a shop."""

import pytest

from commerce.shipping.rates import Conditions, Surcharge
from commerce.shipping.zones import Destination
from tests.unit.shipping.looking import BERLIN, SYLT, TOKYO, VIENNA, band, eur, goods, method, option, price, table


class TestRealPriceTables:
    """Tables as carriers publish them, in the words of a shop."""

    # Parcels within Germany with their bulky goods, as of https://www.dhl.de/en/paket/pakete-versenden/deutschlandweit-versenden/paket.html
    DHL = method(
        tables=[table(band(2000, 499), band(5000, 599), band(10_000, 749), band(31_500, 1399), zones=["de"])],
        zones=["de"],
        conditions=Conditions(max_length_mm=2000, max_girth_mm=3600),
        surcharges=[Surcharge(title="Sperrgut", prices=[eur(2250)], longer_than_mm=1200)],
    )

    @pytest.mark.parametrize(
        ("grams", "cents"),
        [(1, 499), (2000, 499), (2001, 599), (5000, 599), (5001, 749), (10_000, 749), (10_001, 1399), (31_500, 1399)],
    )
    def test_by_weight(self, grams: int, cents: int):
        assert price(self.DHL, goods(grams)) == cents

    def test_end_where_the_carrier_does(self):
        assert price(self.DHL, goods(31_501)) == "no_rate"
        assert price(self.DHL, destination=VIENNA) == "zone"
        assert price(self.DHL, goods(sides=(2001, 100, 100))) == "size"
        assert price(self.DHL, goods(sides=(1200, 700, 600))) == "size"

    def test_with_bulky_goods(self):
        assert price(self.DHL, goods(9000, sides=(1200, 600, 600))) == 749
        assert price(self.DHL, goods(9000, sides=(1201, 500, 500))) == 749 + 2250

    # First half kilogram and each further one, the larger of weight and volume, fuel on top: express carriers' rates.
    EXPRESS = method(
        tables=[table(band(500, 4210), band(30_000, 4210, step=500, step_price=640), zones=["world"])],
        volumetric_divisor=5000,
        surcharges=[Surcharge(title="Fuel", basis_points=1725)],
    )

    @pytest.mark.parametrize(
        ("grams", "sides", "cents"),
        [
            (500, None, 4210),
            (501, None, 4210 + 640),
            (1000, None, 4210 + 640),
            (1001, None, 4210 + 2 * 640),
            (1000, (400, 300, 200), 4210 + 9 * 640),  # 24,000 cubic centimetres count as 4,800 grams.
            (1000, (400, 300, 250), 4210 + 11 * 640),  # And 30,000 as 6,000.
        ],
    )
    def test_by_the_half_kilogram(self, grams: int, sides: tuple[int, int, int] | None, cents: int):
        found = option(self.EXPRESS, goods(grams, sides=sides), destination=TOKYO)

        assert [part.amount for part in found.parts] == [cents, (cents * 1725 + 5000) // 10_000]

    # A shop's own terms: by the amount of the goods, free from 79 euros on, and islands that cost more all the same.
    SHOP = method(
        tables=[
            table(band(2500, 590), band(None, 390), zones=["de"], by="amount", currency="EUR", free_over=[eur(7900)]),
            table(band(3, 1290), band(10, 1290, step=1, step_price=150), by="quantity"),
        ],
        surcharges=[Surcharge(title="Inselzuschlag", prices=[eur(1400)], zones=["de-islands"], even_when_free=True)],
    )

    @pytest.mark.parametrize(
        ("amount", "destination", "cents"),
        [
            (2500, BERLIN, 590),
            (2501, BERLIN, 390),
            (7899, BERLIN, 390),
            (7900, BERLIN, 0),
            (7900, SYLT, 1400),
            (2501, SYLT, 390 + 1400),
            (7900, VIENNA, 1290),
        ],
    )
    def test_by_amount(self, amount: int, destination: Destination, cents: int):
        assert price(self.SHOP, amount=amount, destination=destination) == cents

    @pytest.mark.parametrize(("pieces", "cents"), [(1, 1290), (3, 1290), (4, 1440), (10, 2340), (11, "no_rate")])
    def test_by_pieces(self, pieces: int, cents: int | str):
        assert price(self.SHOP, goods(quantity=pieces), destination=VIENNA) == cents
