"""In which zones a destination lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.shipping.zones import Area, Destination, PostalCodes, Zone, zones_of


def area(country: str, *codes: str | tuple[str, str], **fields) -> Area:
    ranges = [
        PostalCodes(first=each) if isinstance(each, str) else PostalCodes(first=each[0], last=each[1]) for each in codes
    ]
    return Area(country=country, postal_codes=ranges, **fields)


def zone(id_: str, *areas: Area) -> Zone:
    return Zone(id=id_, title=id_, areas=list(areas))


def inside(one: Area, country: str, code: str | None = None, region: str | None = None) -> bool:
    return zones_of(zones=[zone("z", one)], destination=Destination(country, region, code)) == ("z",)


class TestPostalCodes:
    @pytest.mark.parametrize(
        ("country", "codes", "within", "without"),
        [
            # Islands of real carriers' tables: Royal Mail and DPD, DHL, Colissimo, Bring, Poste, USPS, An Post.
            ("GB", ["HS", "ZE"], ["HS1 2AA", "ZE2 9XX", "ze29xx"], ["H1 1AA", "Z1 1AA"]),
            ("GB", [("KA27", "KA28")], ["KA27 8AA", "KA28 0AA"], ["KA2 7AA", "KA26 9AA", "KA29 0AA"]),
            ("GB", [("IV40", "IV56")], ["iv40 8ab", "IV56 8FG"], ["IV4 7AA", "IV57 1AA"]),
            ("GB", [("PO30", "PO41")], ["PO30 1AB", "PO301AB", "PO41 0AA"], ["PO3 1AB", "PO31AB", "PO42 1AA"]),
            ("GB", ["PO3"], ["PO3 1AB"], ["PO30 1AB", "PO33 1AB"]),
            ("GB", ["EC1"], ["EC1A 1BB", "EC1 1AA"], ["EC2A 1BB", "E1 1AA"]),
            ("GB", ["W1A"], ["W1A 1AA"], ["W1B 1AA", "W1 1AA"]),
            ("DE", ["18565", ("25849", "25869"), "27498"], ["18565", "25863", "27498"], ["18566", "25870", "2584"]),
            ("FR", ["20", ("97", "98")], ["20000", "97110", "98800"], ["19999", "21000", "96000"]),
            ("NO", [("9000", "9999")], ["9170"], ["8999", "0170"]),
            ("IT", [("07", "09"), ("90", "98")], ["09010", "98055"], ["10121"]),
            ("US", ["967", "968", ("995", "999")], ["96701", "96898-1234", "99501"], ["96601", "99401"]),
            ("IE", ["D02"], ["D02 X285", "d02x285"], ["D04 X285"]),
            ("NL", [("1790", "1799")], ["1791 AB"], ["1789 AB"]),
            ("CA", [("X0A", "X0G")], ["X0B 1C0"], ["X1A 1A1"]),
            ("JP", ["90"], ["900-0001", "907-1801"], ["891-0001"]),
        ],
    )
    def test_are_matched_as_each_country_writes_them(
        self, country: str, codes: list[str | tuple[str, str]], within: list[str], without: list[str]
    ):
        islands = area(country, *codes)

        assert [code for code in within if not inside(islands, country, code)] == []
        assert [code for code in without if inside(islands, country, code)] == []

    def test_of_another_country_do_not_count(self):
        assert not inside(area("DE", "10"), "FR", "10115")

    def test_that_are_missing_lie_in_no_part_of_a_country(self):
        assert not inside(area("DE", "10"), "DE")
        assert inside(area("DE"), "DE")

    @pytest.mark.parametrize(
        ("country", "first", "last", "is_range"),
        [
            ("DE", "10", "19", True),
            ("DE", "19", "10", False),
            ("DE", "10", "105", False),
            ("GB", "IV1", "IV63", True),
            ("GB", "PO30", "PO4", False),
            ("GB", "PO30", "HS1", False),
            ("GB", "HS", "HS9", False),
            ("GB", "123", "125", False),
        ],
    )
    def test_are_a_range_only_between_like_bounds(self, country: str, first: str, last: str, is_range: bool):  # noqa: FBT001
        assert PostalCodes(first=first, last=last).is_in_order(country=country) is is_range

    @given(st.text(max_size=30), st.sampled_from(["GB", "DE", "US", "JE"]))
    def test_take_whatever_a_shopper_writes(self, code: str, country: str):
        inside(area(country, ("AB10", "AB21") if country in {"GB", "JE"} else ("100", "200")), country, code)

    @given(st.integers(0, 99999), st.integers(0, 99999), st.integers(0, 99999))
    def test_of_five_digits_are_between_as_numbers_are(self, first: int, last: int, code: int):
        codes = PostalCodes(first=f"{first:05}", last=f"{last:05}")

        assert codes.cover(country="DE", code=f"{code:05}") == (first <= code <= last)


class TestRegions:
    @pytest.mark.parametrize("written", ["HI", "hi", " HI ", "US-HI", "us-hi", "Hawaii", "HAWAII"])
    def test_are_known_by_code_and_by_name(self, written: str):
        hawaii = area("US", regions=["HI", "AK"], region_names=["Hawaii", "Alaska"])

        assert inside(hawaii, "US", region=written)

    @pytest.mark.parametrize("written", ["ME", "Hawai", "CA-HI", "", None])
    def test_that_nobody_named_are_elsewhere(self, written: str | None):
        hawaii = area("US", regions=["HI"], region_names=["Hawaii"])

        assert not inside(hawaii, "US", region=written)


class TestZonesOf:
    ZONES = (
        zone("world"),
        zone("germany", area("DE")),
        zone("north", area("DE", "2")),
        zone("islands", area("DE", ("25849", "25869"), "18565")),
        zone("bavaria", area("DE", regions=["BY"], region_names=["Bayern"])),
        zone("dach", area("DE"), area("AT"), area("CH")),
    )

    @pytest.mark.parametrize(
        ("destination", "places"),
        [
            (Destination("DE", None, "25863"), ("islands", "north", "dach", "germany", "world")),
            (Destination("DE", "Bayern", "80331"), ("bavaria", "dach", "germany", "world")),
            (Destination("DE"), ("dach", "germany", "world")),
            (Destination("AT", None, "1010"), ("dach", "world")),
            (Destination("JP"), ("world",)),
        ],
    )
    def test_are_the_closest_first(self, destination: Destination, places: tuple[str, ...]):
        assert zones_of(zones=self.ZONES, destination=destination) == places

    @given(st.permutations(ZONES))
    def test_do_not_depend_on_the_order_in_which_they_were_made(self, zones: list[Zone]):
        destination = Destination("DE", "BY", "25863")

        assert zones_of(zones=zones, destination=destination) == (
            "islands", "north", "bavaria", "dach", "germany", "world"
        )  # fmt: skip
