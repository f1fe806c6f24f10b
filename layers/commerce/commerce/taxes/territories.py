"""The territory of the EU's value added tax, which is not that of its countries.

Source: Council Directive 2006/112/EC, Articles 5 to 7, as the Commission lists the territories:
https://taxation-customs.ec.europa.eu/territorial-status-eu-countries-and-certain-territories_en
"""

from commerce.taxes.places import Place

MEMBERS = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
"""ISO 3166-1 codes of the member states. French overseas departments and the Åland Islands have codes of their own."""

TREATED_AS = {"MC": "FR", "IM": "GB"}
"""Countries that are taxed as another (Article 7): Monaco and the Isle of Man."""

OUTSIDE_BY_REGION = {
    "ES": frozenset({"CN", "CE", "ML", "GC", "TF"}),
    "FI": frozenset({"01"}),
    "FR": frozenset({"971", "972", "973", "974", "975", "976", "977", "978", "GF", "GP", "MQ", "RE", "YT"}),
    "GR": frozenset({"69"}),
}
"""Parts of member states outside the territory (Article 6), by ISO 3166-2: the Canary Islands and their provinces,
Ceuta, Melilla, Åland, the French overseas departments and collectivities, Mount Athos."""

OUTSIDE_BY_POSTAL_CODE = {
    "DE": ("27498", "78266"),
    "ES": ("35", "38", "51", "52"),
    "FI": ("22",),
    "FR": ("97", "986", "987", "988"),
    "GR": ("63086", "63087"),
    "IT": ("22061", "23041"),
}
"""The same by how their postal codes begin, and Heligoland, Büsingen, Campione d'Italia and Livigno."""

NORTHERN_IRELAND = "BT"
"""How postal codes begin in the part of the United Kingdom that trades goods as the EU does (Windsor Framework)."""


def taxed_as(place: Place) -> Place:
    """Return the place whose taxes hold in a place."""
    return Place(TREATED_AS[place.country]) if place.country in TREATED_AS else place


def member_state(place: Place) -> str | None:
    """Return the member state in whose VAT territory a place lies, for goods; None when it lies in none.

    Northern Ireland counts as a member of its own, `XI`, as its VAT numbers do.
    """
    at = taxed_as(place)
    if at.country == "GB" and at.postal_code.startswith(NORTHERN_IRELAND):
        return "XI"
    if at.country not in MEMBERS or at.region in OUTSIDE_BY_REGION.get(at.country, ()):
        return None
    outside = OUTSIDE_BY_POSTAL_CODE.get(at.country, ())
    return None if outside and at.postal_code.startswith(outside) else at.country
