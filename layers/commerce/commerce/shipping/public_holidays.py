"""Public holidays by country and year, from the library that keeps them (https://github.com/vacanza/holidays)."""

from collections.abc import Sequence
from datetime import date

from commerce.shipping.model import UnknownHolidays

LONGEST_TITLE = 200


def public_holidays(*, country: str, region: str | None, years: Sequence[int]) -> list[tuple[date, str]]:
    """Return the public holidays of a country, or of one of its regions, by date.

    :raises UnknownHolidays: when the library does not know the country or the region.
    """
    # Importing it reads every country's rules (half a second of CPU), which only staff who ask for holidays should pay.
    import holidays  # noqa: PLC0415

    try:
        found = holidays.country_holidays(country, subdiv=region, years=list(years))
    except NotImplementedError as error:
        where = f"{country}-{region}" if region else country
        detail = f"The public holidays of {where} are not known; add them to the calendar yourself."
        raise UnknownHolidays(detail) from error
    return [(day, " ".join(title.split())[:LONGEST_TITLE]) for day, title in sorted(found.items())]
