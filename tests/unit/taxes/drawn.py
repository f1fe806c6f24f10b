"""Shops, their tax rules and their buyers, as hypothesis draws them."""

from copy import replace

from hypothesis import strategies as st

from commerce.taxes.lines import Buyer
from commerce.taxes.model import CountryRules, Exemption, OneStopShop, Registration, TaxRate, TaxRules
from commerce.taxes.places import Place, PostalCodes

COUNTRIES = ("DE", "FR", "NO", "US", "JP", "KW", "IS")
CLASSES = ("standard", "books", "food")

places = st.builds(
    Place, st.sampled_from(COUNTRIES), st.sampled_from(["", "CA", "NY"]), st.sampled_from(["", "90001", "10001"])
)
buyers = st.builds(
    Buyer,
    customer_id=st.sampled_from([None, "cus_1"]),
    tax_id=st.sampled_from([None, "FR61954506077", "DE136695976", "NO995525828MVA"]),
    tax_id_valid=st.booleans(),
    checked_online=st.booleans(),
)
decimals = st.integers(0, 2_000_000).map(lambda millionths: f"0.{millionths:06}" if millionths < 10**6 else "1.25")


@st.composite
def rates(draw: st.DrawFn) -> tuple[TaxRate, ...]:
    made = draw(
        st.lists(
            st.builds(
                TaxRate,
                id=st.just(""),
                name=st.sampled_from(["VAT", "State", "County"]),
                rate=decimals,
                country=st.sampled_from(COUNTRIES),
                region=st.sampled_from(["", "", "CA"]),
                postal_codes=st.sampled_from([(), (), (PostalCodes("9", "9"),), (PostalCodes("10000", "10099"),)]),
                tax_class=st.sampled_from(CLASSES),
                level=st.integers(1, 3),
                compound=st.booleans(),
            ),
            max_size=12,
        )
    )
    return tuple(replace(rate, id=f"rate-{number:02}") for number, rate in enumerate(made))


shops = st.builds(
    TaxRules,
    home=st.none() | places,
    rates=rates(),
    registrations=st.lists(
        st.builds(Registration, st.sampled_from(COUNTRIES), reverse_charge=st.booleans()),
        max_size=5,
        unique_by=lambda each: each.country,
    ).map(tuple),
    one_stop_shop=st.none() | st.builds(OneStopShop, st.just("DE"), st.booleans()),
    countries=st.lists(
        st.builds(
            CountryRules, st.sampled_from(COUNTRIES), st.none() | st.booleans(), st.sampled_from([None, "order"])
        ),
        max_size=3,
        unique_by=lambda each: each.country,
    ).map(tuple),
    exemptions=st.just(()) | st.just((Exemption("museum", customer_id="cus_1"),)),
    shipping=st.sampled_from(["standard", "books", "proportional", "highest_of_goods"]),
    rounding_level=st.sampled_from(["line", "order"]),
    keeps_net=st.booleans(),
)
