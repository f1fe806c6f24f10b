"""What the engine does with prices, places and buyers."""

from copy import replace
from datetime import date
from fractions import Fraction

import pytest

from commerce.kernel.rounding import Rounding
from commerce.taxes.engine import net_of_home
from commerce.taxes.lines import Buyer, Taxable
from commerce.taxes.model import CountryRules, Exemption, Registration, TaxRules
from commerce.taxes.places import Place, PostalCodes
from tests.unit.taxes.rules import BUSINESS, GERMAN, TODAY, amounts, line, rate, sale, shop

FRANCE, AMERICA = Place("FR"), Place("US", region="NY")


class TestAcrossBorders:
    def test_keeps_the_net_and_restates_what_is_charged(self):
        found = line(GERMAN, FRANCE, 1999)

        assert amounts(found) == (1680, 336, 2016)
        assert (found.amount, found.charged, found.restated) == (1999, 2016, 17)

    def test_leaves_a_price_that_was_set_for_the_country(self):
        found = line(GERMAN, FRANCE, 1999, priced_for="FR")

        assert (amounts(found), found.restated) == ((1666, 333, 1999), 0)

    def test_leaves_such_a_price_also_where_no_tax_is_charged(self):
        found = line(GERMAN, AMERICA, 1999, priced_for="US")

        assert (amounts(found), found.reason, found.restated) == ((1999, 0, 1999), "export", 0)

    @pytest.mark.parametrize("buyer", [BUSINESS, Buyer(customer_id="cus_1")])
    def test_charges_whoever_pays_no_tax_the_net_of_such_a_price(self, buyer: Buyer):
        rules = replace(GERMAN, exemptions=(Exemption("museum", customer_id="cus_1"),))

        assert amounts(line(rules, FRANCE, 1200, priced_for="FR", buyer=buyer)) == (1000, 0, 1000)

    def test_restates_a_price_that_was_set_for_another_country(self):
        assert amounts(line(GERMAN, Place("DE"), 1200, priced_for="FR")) == (1000, 190, 1190)

    def test_keeps_what_is_shown_if_the_shop_wants_so(self):
        rules = replace(GERMAN, keeps_net=False)

        assert amounts(line(rules, FRANCE, 1200)) == (1000, 200, 1200)
        assert amounts(line(rules, AMERICA, 1200)) == (1200, 0, 1200)
        assert amounts(line(rules, FRANCE, 1190, buyer=BUSINESS)) == (1000, 0, 1000)

    def test_adds_the_destinations_tax_to_prices_without_tax(self):
        found = line(GERMAN, FRANCE, 1000, prices_include_tax=False)

        assert (amounts(found), found.charged, found.restated) == ((1000, 200, 1200), 1000, 0)

    def test_shows_net_prices_in_a_country_that_wants_them(self):
        rules = replace(GERMAN, countries=(CountryRules("US", prices_include_tax=False),))

        found = sale(rules, AMERICA, Taxable("A", 1190), Taxable("B", 1190, priced_for="US"))

        assert found.prices_include_tax is False
        assert [(each.net, each.charged) for each in found.every] == [(1000, 1000), (1190, 1190)]

    def test_shows_prices_with_tax_in_a_country_that_wants_them(self):
        rules = replace(GERMAN, countries=(CountryRules("FR", prices_include_tax=True),))

        found = sale(rules, FRANCE, Taxable("A", 1000), Taxable("B", 1000, priced_for="FR"), prices_include_tax=False)

        assert found.prices_include_tax is True
        assert [amounts(each) for each in found.every] == [(1000, 200, 1200), (833, 167, 1000)]
        assert [each.restated for each in found.every] == [200, 0]

    def test_leaves_prices_alone_in_a_shop_that_never_said_where_it_is(self):
        rules = replace(GERMAN, home=None)

        assert amounts(line(rules, Place("DE"), 1190)) == (1000, 190, 1190)
        assert (line(TaxRules(), FRANCE, 1190).reason, line(TaxRules(), FRANCE, 1190).charged) == (
            "not_registered",
            1190,
        )

    def test_takes_home_tax_out_for_others_to_compute_with(self):
        def net(item: Taxable) -> int:
            return net_of_home(item, rules=GERMAN, prices_include_tax=True, on=TODAY, rounding=Rounding.HALF_UP)

        assert [net(Taxable("A", 1190)), net(Taxable("B", 1070, tax_class="books"))] == [1000, 1000]


class TestMissingRates:
    def test_leave_what_is_charged_and_say_so(self):
        rules = shop("DE", rate("DE", "0.19"), registered=("SE",))

        found = line(rules, Place("SE"), 1190)

        assert (amounts(found), found.reason, found.rule) == ((1190, 0, 1190), "no_rate", "no_rate")

    def test_at_home_leave_prices_as_they_are(self):
        rules = shop("DE", rate("SE", "0.25"), registered=("SE",))

        assert amounts(line(rules, Place("SE"), 1250)) == (1000, 250, 1250)


class TestUnknownDestination:
    def test_shows_the_tax_of_the_shops_home_in_prices_that_include_it(self):
        found = line(GERMAN, None, 1190)

        assert (amounts(found), found.reason, found.rule) == ((1000, 190, 1190), "unknown_destination", "de-standard")

    def test_shows_none_where_nobody_said_where_the_shop_is(self):
        found = line(TaxRules(), None, 1190)

        assert (amounts(found), found.reason) == ((1190, 0, 1190), "unknown_destination")


class TestExemptions:
    RULES = replace(
        GERMAN,
        exemptions=(
            Exemption("museum", customer_id="cus_1", country="DE", ends_on=date(2026, 12, 31)),
            Exemption("nato", tax_id="DE136695976"),
        ),
    )

    @pytest.mark.parametrize("buyer", [Buyer(customer_id="cus_1"), Buyer(tax_id="DE136695976")])
    def test_take_all_tax_away(self, buyer: Buyer):
        found = line(self.RULES, Place("DE"), 1190, buyer=buyer)

        assert (amounts(found), found.reason, found.charged) == ((1000, 0, 1000), "exempt", 1000)

    def test_name_themselves(self):
        assert line(self.RULES, Place("DE"), 1, buyer=Buyer(customer_id="cus_1")).rule == "exemption:museum"

    @pytest.mark.parametrize(
        ("place", "buyer", "on"),
        [
            (FRANCE, Buyer(customer_id="cus_1"), TODAY),
            (Place("DE"), Buyer(customer_id="cus_1"), date(2027, 1, 1)),
            (Place("DE"), Buyer(customer_id="cus_2"), TODAY),
            (Place("DE"), Buyer(customer_id="", tax_id=""), TODAY),
        ],
    )
    def test_hold_for_whom_they_name_and_where_and_when(self, place: Place, buyer: Buyer, on: date):
        assert line(self.RULES, place, 1190, buyer=buyer, on=on).reason == "rate"


class TestRates:
    def test_change_on_their_day(self):
        rules = shop(
            "DE",
            rate("DE", "0.19", ends_on=date(2020, 6, 30)),
            rate("DE", "0.16", id="new", starts_on=date(2020, 7, 1)),
        )

        assert line(rules, Place("DE"), 11900, on=date(2020, 6, 30)).tax == 1900
        assert line(rules, Place("DE"), 11600, on=date(2020, 7, 1)).tax == 1600

    def test_of_the_nearest_area_count(self):
        codes = {
            "all": (PostalCodes("0", "Z"),),
            "run": (PostalCodes("35000", "35999"),),
            "one": (PostalCodes("35001", "35001"), PostalCodes("99999", "99999")),
        }
        rules = shop(
            "ES",
            rate("ES", "0.21"),
            rate("ES", "0.07", region="CN", id="islands"),
            *(rate("ES", "0.01", id=name, postal_codes=runs) for name, runs in codes.items()),
            registered=(),
        )
        rules = replace(rules, registrations=(*rules.registrations, Registration("ES", region="CN")))

        def rule(**fields: str) -> str:
            return line(rules, Place("ES", **fields), 100).rule

        assert rule() == "es-standard"
        assert rule(region="CN") == "islands"
        assert rule(region="CN", postal_code="35001") == "one"
        assert rule(region="CN", postal_code="35002") == "run"
        assert rule(region="CN", postal_code="28001") == "all"

    def test_of_the_class_count_before_all_others(self):
        assert line(GERMAN, Place("DE"), 1070, tax_class="books").tax == 70
        assert line(GERMAN, FRANCE, 1070, tax_class="books").rule == "fr-standard"

    def test_of_nought_are_rates_too(self):
        rules = shop("GB", rate("GB", "0.2"), rate("GB", "0", tax_class="books"))

        found = line(rules, Place("GB"), 1000, tax_class="books")

        assert (found.reason, found.rule, found.parts[0].tax) == ("rate", "gb-books", 0)


class TestShipping:
    GOODS = (Taxable("A", 3000), Taxable("B", 1000, tax_class="books"))
    SENT = Taxable("shipping", 1000, is_shipping=True)

    @pytest.mark.parametrize(
        ("rule", "tax", "rule_used"),
        [
            ("standard", 160, "de-standard"),
            ("books", 65, "de-books"),
            ("highest_of_goods", 160, "de-standard"),
            ("proportional", 136, "de-books+de-standard"),
        ],
    )
    def test_is_taxed_by_the_shops_rule(self, rule: str, tax: int, rule_used: str):
        found = sale(replace(GERMAN, shipping=rule), Place("DE"), *self.GOODS, self.SENT).shipping["shipping"]

        assert (found.tax, found.rule, found.gross) == (tax, rule_used, 1000)

    def test_of_several_classes_tells_what_each_rate_is_taken_of(self):
        found = sale(replace(GERMAN, shipping="proportional"), Place("DE"), *self.GOODS, self.SENT).shipping["shipping"]

        told = {part.rate: (part.net, part.tax) for part in found.parts}
        assert sum(net or 0 for net, _ in told.values()) == found.net
        assert all(net is not None and abs(net * Fraction(rate) - tax) < 1 for rate, (net, tax) in told.items())

    def test_of_one_class_bears_its_rate_as_a_whole(self):
        found = sale(GERMAN, Place("DE"), *self.GOODS, self.SENT)

        assert {part.net for line in found.every for part in line.parts} == {None}

    @pytest.mark.parametrize("rule", ["highest_of_goods", "proportional"])
    def test_is_taxed_as_standard_without_goods(self, rule: str):
        assert sale(replace(GERMAN, shipping=rule), Place("DE"), self.SENT).tax == 160

    def test_may_be_called_like_a_sku(self):
        found = sale(GERMAN, Place("DE"), Taxable("shipping", 119), replace(self.SENT, amount=238))

        assert (found.lines["shipping"].tax, found.shipping["shipping"].tax) == (19, 38)

    def test_is_restated_like_goods(self):
        assert sale(GERMAN, FRANCE, replace(self.SENT, amount=595)).shipping["shipping"].charged == 600


class TestRefusals:
    @pytest.mark.parametrize("items", [[Taxable("A", -1)], [Taxable("A", 1), Taxable("A", 2)]])
    def test_of_what_cannot_be_meant(self, items: list[Taxable]):
        with pytest.raises(ValueError, match=r"only amounts|same key"):
            sale(GERMAN, FRANCE, *items)
