"""What staff do with taxes: examples of their operations."""

from tests.support.examples import Request, example, version
from tests.support.scene import Scene


@example("admin_get_tax_rules")
def get_tax_rules(_: Scene) -> Request:
    return Request()


@example("admin_put_tax_rules")
def put_tax_rules(scene: Scene) -> Request:
    rate, before = f"rate-{scene.number()}", scene.staff_get("/taxes")
    seconds = {"starts_on": "2026-01-01", "tax_class": "books", "postal_codes": [{"first": "35", "last": "38"}]}

    # The shop of the examples sells to the United States: rules about Iceland change no price of theirs.
    return Request(
        body={
            "home": {"country": "IS"},
            "registrations": [{"country": "IS"}],
            "one_stop_shop": {"country": "IE", "over_threshold": True},
            "rates": [
                {"id": rate, "name": "VSK", "rate": "0.24", "country": "IS"},
                {"id": f"{rate}-books", "name": "VSK", "rate": "0.11", "country": "IS", **seconds},
            ],
            "countries": [{"country": "NO", "prices_include_tax": True}],
            "exemptions": [{"id": "museum", "customer_id": "cus_1"}],
            "stripe_tax_codes": {"books": "txcd_35010000"},
        },
        headers=version(before),
        seen=lambda: [each["id"] for each in scene.staff_get("/taxes")["rates"]],
        then=[rate, f"{rate}-books"],
    )


@example("admin_preview_taxes")
def preview_taxes(scene: Scene) -> Request:
    return Request(
        body={
            "currency": "EUR",
            "items": [{"key": f"SKU-{scene.number()}", "amount": 1190, "tax_class": "books", "priced_for": "IS"}],
            "address": {"country": "IS", "region": "1", "postal_code": "101", "city": "Reykjavik", "line1": "Harbor 1"},
            "customer_id": "cus_1",
            "tax_id": "DE136695976",
            "on": "2026-11-23",
        }
    )


def tax_id(scene: Scene) -> str:
    """Return a number that nobody checked yet: Danish ones have one check digit in eleven."""
    weights = (2, 7, 6, 5, 4, 3, 2)
    while True:
        digits = f"{1_000_000 + scene.number():07}"
        check = -sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
        if check < 10:
            return f"DK{digits}{check}"


@example("admin_get_tax_id")
def get_tax_id(scene: Scene) -> Request:
    return Request(values={"tax_id": tax_id(scene)})


@example("admin_check_tax_id")
def check_tax_id(scene: Scene) -> Request:
    number = tax_id(scene)

    def seen() -> object:
        found = scene.staff_get(f"/taxes/ids/{number}")
        return found["tax_id"], found["valid"], found["checked"]

    return Request(values={"tax_id": number}, seen=seen, then=(number, True, "offline"))
