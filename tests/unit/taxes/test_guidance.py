"""The engine against examples of tax authorities."""

import pytest

from commerce.kernel.rounding import Rounding
from commerce.taxes.lines import Buyer, RatePart, Taxable
from commerce.taxes.model import CountryRules, OneStopShop, Registration, TaxRules
from commerce.taxes.places import Place, PostalCodes
from tests.unit.taxes.rules import BUSINESS, GERMAN, amounts, line, rate, sale, shop


class TestUnitedKingdom:
    """http://www.hmrc.gov.uk/vat/forms-rates/rates/calculating.htm and VAT Notice 700 on VAT fractions."""

    SHOP = shop("GB", rate("GB", "0.2"), rate("GB", "0.05", tax_class="energy"), rate("GB", "0", tax_class="food"))

    @pytest.mark.parametrize(("tax_class", "tax", "gross"), [("standard", 2000, 12000), ("energy", 500, 10500)])
    def test_adds_tax_to_a_hundred_pounds(self, tax_class: str, tax: int, gross: int):
        found = line(self.SHOP, Place("GB"), 10000, tax_class=tax_class, prices_include_tax=False)

        assert amounts(found) == (10000, tax, gross)

    @pytest.mark.parametrize(("tax_class", "gross", "tax"), [("standard", 7200, 1200), ("energy", 10500, 500)])
    def test_takes_the_vat_fraction_of_a_price_that_includes_it(self, tax_class: str, gross: int, tax: int):
        assert amounts(line(self.SHOP, Place("GB"), gross, tax_class=tax_class)) == (gross - tax, tax, gross)

    def test_charges_delivery_at_the_standard_rate_also_with_zero_rated_goods(self):
        """https://www.gov.uk/hmrc-internal-manuals/vat-valuation/vatval13120: £6 for delivery are £5 plus VAT."""
        food, delivery = Taxable("A", 2800, tax_class="food"), Taxable("shipping", 600, is_shipping=True)

        found = sale(self.SHOP, Place("GB"), food, delivery)

        assert amounts(found.lines["A"]) == (2800, 0, 2800)
        assert amounts(found.shipping["shipping"]) == (500, 100, 600)

    def test_shares_a_single_charge_out_over_separate_supplies(self):
        rules = shop("GB", *self.SHOP.rates, shipping="proportional")
        goods = [Taxable("A", 6000), Taxable("B", 3000, tax_class="food")]

        found = sale(rules, Place("GB"), *goods, Taxable("shipping", 900, is_shipping=True))

        assert amounts(found.shipping["shipping"]) == (800, 100, 900)


class TestEuropeanUnion:
    """https://europa.eu/youreurope/business/taxation/vat/cross-border-vat/index_en.htm, and the thresholds of
    https://sede.agenciatributaria.gob.es (manual IVA 2023, intra-community distance sales)."""

    def test_charges_consumers_the_rate_of_their_country_above_the_threshold(self):
        found = line(GERMAN, Place("FR"), 11900)

        assert amounts(found) == (10000, 2000, 12000)
        assert (found.rule, found.reason, found.country, found.charged) == ("fr-standard", "rate", "FR", 12000)

    @pytest.mark.parametrize("one_stop_shop", [None, OneStopShop("DE", over_threshold=False)])
    def test_charges_consumers_the_shops_own_rate_below_it(self, one_stop_shop: OneStopShop | None):
        rules = shop("DE", *GERMAN.rates, one_stop_shop=one_stop_shop)

        found = line(rules, Place("FR"), 11900)

        assert amounts(found) == (10000, 1900, 11900)
        assert (found.rule, found.reason, found.country) == ("de-standard", "below_threshold", "DE")

    def test_charges_the_rate_of_a_country_where_the_shop_is_registered_whatever_the_threshold(self):
        rules = shop("DE", *GERMAN.rates, registered=("FR",))

        assert line(rules, Place("FR"), 11900).tax == 2000
        assert line(rules, Place("AT"), 11900).reason == "below_threshold"

    def test_charges_businesses_of_another_member_state_nothing(self):
        found = line(GERMAN, Place("FR"), 11900, buyer=BUSINESS)

        assert (amounts(found), found.reason, found.charged) == ((10000, 0, 10000), "reverse_charge", 10000)

    @pytest.mark.parametrize(
        ("destination", "buyer"),
        [
            (Place("DE"), BUSINESS),
            (Place("FR"), Buyer(tax_id="DE136695976", tax_id_valid=True)),
            (Place("FR"), Buyer(tax_id="FR61954506078", tax_id_valid=False)),
            (Place("FR"), Buyer(tax_id="GB980780684", tax_id_valid=True)),
            (Place("FR"), Buyer(tax_id_valid=True)),
        ],
    )
    def test_charges_everybody_else(self, destination: Place, buyer: Buyer):
        assert line(GERMAN, destination, 11900, buyer=buyer).reason == "rate"

    def test_believes_only_the_register_if_the_shop_wants_so(self):
        rules = shop("DE", *GERMAN.rates, one_stop_shop=GERMAN.one_stop_shop, needs_online_check=True)
        confirmed = Buyer(tax_id=BUSINESS.tax_id, tax_id_valid=True, checked_online=True)

        assert line(rules, Place("FR"), 11900, buyer=BUSINESS).reason == "rate"
        assert line(rules, Place("FR"), 11900, buyer=confirmed).reason == "reverse_charge"

    def test_counts_greek_numbers_as_those_of_greece(self):
        greek = Buyer(tax_id="EL094259216", tax_id_valid=True)

        assert line(GERMAN, Place("FR"), 11900, buyer=greek).reason == "reverse_charge"
        assert line(shop("GR", rate("GR", "0.24")), Place("FR"), 12400, buyer=greek).reason == "below_threshold"

    def test_exports_without_tax(self):
        found = line(GERMAN, Place("US", region="NY"), 11900)

        assert (amounts(found), found.reason, found.rule) == ((10000, 0, 10000), "export", "export")

    @pytest.mark.parametrize(
        "place",
        [
            Place("ES", postal_code="35001"),
            Place("ES", region="CN"),
            Place("IT", postal_code="23041"),
            Place("FI", postal_code="22100"),
            Place("GR", postal_code="63086"),
            Place("GP"),
            Place("AX"),
            Place("GB", postal_code="SW1A1AA"),
        ],
    )
    def test_ends_where_its_tax_territory_ends(self, place: Place):
        """https://taxation-customs.ec.europa.eu/territorial-status-eu-countries-and-certain-territories_en"""
        assert line(GERMAN, place, 11900).reason == "export"
        assert line(GERMAN, place, 11900, buyer=BUSINESS).reason == "export"

    @pytest.mark.parametrize(
        "place", [Place("GB", postal_code="BT11AA"), Place("MC"), Place("ES", postal_code="28001")]
    )
    def test_reaches_northern_ireland_and_monaco(self, place: Place):
        assert line(GERMAN, place, 11900, buyer=BUSINESS).reason == "reverse_charge"

    def test_taxes_monaco_as_france(self):
        found = line(GERMAN, Place("MC"), 11900)

        assert (amounts(found), found.rule, found.country) == ((10000, 2000, 12000), "fr-standard", "FR")
        assert line(shop("FR", *GERMAN.rates), Place("MC"), 12000).rule == "fr-standard"

    def test_leaves_parts_of_the_shops_own_country_untaxed_that_are_outside(self):
        found = line(GERMAN, Place("DE", postal_code="27498"), 11900)

        assert (amounts(found), found.reason) == ((10000, 0, 10000), "export")


class TestUnitedStates:
    """California, https://cdtfa.ca.gov/formspubs/pub105/basic-rules.htm: the statewide rate, and that of a district."""

    SHOP = TaxRules(
        home=Place("US", region="CA", postal_code="94016"),
        registrations=(Registration("US", region="CA"),),
        rates=(
            rate("US", "0.06", id="state", name="California", region="CA"),
            rate("US", "0.0125", id="local", name="Local", region="CA", level=2),
            rate(
                "US",
                "0.0225",
                id="la",
                name="Los Angeles County",
                region="CA",
                level=3,
                postal_codes=(PostalCodes("90001", "90099"),),
            ),
        ),
    )

    @pytest.mark.parametrize(
        ("postal_code", "tax", "rule"),
        [("94105", 725, "state+local"), ("90001", 950, "state+local+la"), ("900991234", 950, "state+local+la")],
    )
    def test_adds_up_state_and_district(self, postal_code: str, tax: int, rule: str):
        found = line(self.SHOP, Place("US", "CA", postal_code), 10000, prices_include_tax=False)

        assert (amounts(found), found.rule) == ((10000, tax, 10000 + tax), rule)

    def test_tells_what_each_gets(self):
        found = line(self.SHOP, Place("US", "CA", "90001"), 1999, prices_include_tax=False)

        assert found.tax == 190
        assert found.parts == (
            RatePart("California", "0.06", 120),
            RatePart("Local", "0.0125", 25),
            RatePart("Los Angeles County", "0.0225", 45),
        )

    def test_charges_nothing_in_states_where_it_is_not_registered(self):
        found = line(self.SHOP, Place("US", "TX", "73301"), 10000, prices_include_tax=False)

        assert (amounts(found), found.reason) == ((10000, 0, 10000), "not_registered")

    @pytest.mark.parametrize(("amount", "tax"), [(200, 15), (600, 44), (724, 52), (1028, 75)])
    def test_rounds_up_from_half_a_cent_on_the_sum_of_state_and_local(self, amount: int, tax: int):
        """Streamlined Sales and Use Tax Agreement, section 324, as in R.I. Gen. Laws § 44-18.1-25."""
        assert line(self.SHOP, Place("US", "CA", "94105"), amount, prices_include_tax=False).tax == tax

    def test_knows_no_tax_before_it_knows_the_address(self):
        found = line(self.SHOP, None, 10000, prices_include_tax=False)

        assert (amounts(found), found.reason) == ((10000, 0, 10000), "unknown_destination")


class TestCanada:
    """http://www.revenuquebec.ca/en/entreprise/taxes/tvq_tps/calcul-taxes.aspx: $100.00, GST $5.00, QST $9.98."""

    SHOP = TaxRules(
        home=Place("CA", region="QC"),
        registrations=(Registration("CA"),),
        rates=(
            rate("CA", "0.05", id="gst", name="GST"),
            rate("CA", "0.09975", id="qst", name="QST", region="QC", level=2),
        ),
    )

    def test_adds_gst_and_qst(self):
        found = line(self.SHOP, Place("CA", region="QC"), 10000, prices_include_tax=False)

        assert amounts(found) == (10000, 1498, 11498)
        assert [(part.name, part.tax) for part in found.parts] == [("GST", 500), ("QST", 998)]

    def test_took_the_qst_of_the_gst_too_until_2012(self):
        rules = TaxRules(
            home=self.SHOP.home,
            registrations=self.SHOP.registrations,
            rates=(self.SHOP.rates[0], rate("CA", "0.095", name="QST", region="QC", level=2, compound=True)),
        )

        found = line(rules, Place("CA", region="QC"), 10000, prices_include_tax=False)

        assert [(part.name, part.tax) for part in found.parts] == [("GST", 500), ("QST", 998)]
        assert found.tax == 1498


class TestNorway:
    """https://www.skatteetaten.no/en/rates/value-added-tax/: 25 %, 15 % for food. Shops abroad register for VOEC, which
    charges consumers alone."""

    VOEC = TaxRules(
        home=Place("DE"),
        registrations=(Registration("DE"), Registration("NO", reverse_charge=True)),
        rates=(rate("DE", "0.19"), rate("NO", "0.25"), rate("NO", "0.15", tax_class="food")),
    )

    @pytest.mark.parametrize(
        ("tax_class", "expected"), [("standard", (8000, 2000, 10000)), ("food", (8696, 1304, 10000))]
    )
    def test_taxes_food_less(self, tax_class: str, expected: tuple[int, int, int]):
        rules = shop("NO", *self.VOEC.rates)

        assert amounts(line(rules, Place("NO"), 10000, tax_class=tax_class)) == expected

    def test_charges_consumers_of_a_foreign_shop_and_lets_businesses_account_for_it(self):
        norwegian = Buyer(tax_id="NO995525828MVA", tax_id_valid=True)

        assert amounts(line(self.VOEC, Place("NO"), 11900)) == (10000, 2500, 12500)
        assert line(self.VOEC, Place("NO"), 11900, buyer=norwegian).reason == "reverse_charge"
        assert line(self.VOEC, Place("NO"), 11900, buyer=BUSINESS).reason == "rate"

    def test_charges_businesses_of_its_own_shops(self):
        rules = TaxRules(
            home=Place("NO"), registrations=(Registration("NO", reverse_charge=True),), rates=self.VOEC.rates
        )

        assert line(rules, Place("NO"), 12500, buyer=Buyer(tax_id="NO995525828MVA", tax_id_valid=True)).tax == 2500


class TestJapan:
    """One rounding per invoice and rate, in the mode that the seller chooses: National Tax Agency, Q&A on the invoice
    system, question 46, as in https://www.ark-outsourcing.com/news/detail_103.html."""

    RATES = (rate("JP", "0.1"), rate("JP", "0.08", tax_class="food"))
    GOODS = (
        Taxable("A", 333),
        Taxable("B", 333),
        Taxable("C", 333),
        Taxable("D", 167, tax_class="food"),
        Taxable("E", 278, tax_class="food"),
    )

    @pytest.mark.parametrize(
        ("rounding", "standard", "food"),
        [(Rounding.DOWN, 99, 35), (Rounding.HALF_UP, 100, 36), (Rounding.UP, 100, 36)],
    )
    def test_rounds_once_for_each_rate(self, rounding: Rounding, standard: int, food: int):
        rules = shop("JP", *self.RATES, rounding_level="order")

        found = sale(rules, Place("JP"), *self.GOODS, prices_include_tax=False, rounding=rounding)

        assert sum(found.lines[sku].tax for sku in "ABC") == standard
        assert sum(found.lines[sku].tax for sku in "DE") == food

    def test_can_be_the_rule_of_one_country_alone(self):
        here = CountryRules("JP", rounding_level="order")
        rates = (*self.RATES, rate("KR", "0.1"), rate("KR", "0.08", tax_class="food"))
        rules = shop("JP", *rates, registered=("KR",), countries=(here,))

        japan, korea = (sale(rules, Place(each), *self.GOODS, prices_include_tax=False) for each in ("JP", "KR"))

        assert [japan.lines[sku].tax for sku in "ABCDE"] == [34, 33, 33, 14, 22]
        assert [korea.lines[sku].tax for sku in "ABCDE"] == [33, 33, 33, 13, 22]

    def test_takes_the_tax_out_of_yen_that_include_it(self):
        assert amounts(line(shop("JP", *self.RATES), Place("JP"), 1100)) == (1000, 100, 1100)
        assert amounts(line(shop("JP", *self.RATES), Place("JP"), 1080, tax_class="food")) == (1000, 80, 1080)
