"""Changes of the exchange rates: by staff, and by the clock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from commerce.adapters.rate_feed import FeedFailed, downloaded
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import Invalid, WriteConflict
from commerce.kernel.log import logger
from commerce.kernel.money import known_currency
from commerce.kernel.outbox import announce
from commerce.kernel.retrying import again_after
from commerce.kernel.transactions import commit
from commerce.prices import ecb
from commerce.prices import staff_queries as queries
from commerce.prices.books import ManualRate, RateBook
from commerce.prices.ecb import NotUnderstood, Published
from commerce.prices.events import ExchangeRatePut, ExchangeRatesUpdated
from commerce.prices.exchange import decimal_text
from commerce.prices.records import rates_write
from commerce.prices.schemas import PutExchangeRate, StaffExchangeRate

AGGREGATE = "exchange-rates"
SOURCES: Mapping[str, Callable[[bytes], Published]] = {"ecb": ecb.published}
"""How the file of each source is read. A new source is a function here and a value of the setting."""

_again_after_a_clash = again_after(WriteConflict)


class NoExchange(Invalid):
    code = "prices.no_exchange"
    title = "The shop's own currency has no exchange rate"


@_again_after_a_clash
def put_rate(*, currency: str, rate: PutExchangeRate, call: Call) -> StaffExchangeRate:
    """Write the rate and the ending of prices of a currency.

    A written rate goes before a fetched one, and does not age.

    :raises NoExchange: for the shop's own currency.
    :raises StaleVersion: when `If-Match` named another version of the rates.
    """
    home = settings().shop_currency
    if currency == home:
        raise NoExchange
    book, version = queries.stored_rates()
    call.check_version(version)
    manual = {code: written for code, written in book.manual.items() if code != currency}
    endings = {code: rounding for code, rounding in book.endings.items() if code != currency}
    if rate.rate is not None:
        text = decimal_text(Fraction(rate.rate))
        manual[currency] = ManualRate(rate=text, base=home, at=call.now, by=str(call.actor))
    if rate.rounding is not None:
        endings[currency] = rate.rounding
    changed = book.model_copy(update={"manual": manual, "endings": endings})
    commit(
        [
            rates_write(book=changed, seen_version=version, call=call),
            announce(ExchangeRatePut(currency=currency), aggregate=AGGREGATE, sequence=version + 1, call=call),
            call.once and call.once.row(currency),
        ]
    )
    shown = queries.shown_rate(changed, currency, now=call.now)
    return StaffExchangeRate(**dict(shown), version=version + 1)


def rate_put_again(*, resource: str, call: Call) -> StaffExchangeRate:
    """Render the answer of a `put_rate` that was done before."""
    return queries.exchange_rate(currency=resource, now=call.now)


def fetch_rates(*, call: Call) -> dict[str, int]:
    """Fetch the rates of the shop's source. What cannot be read, or is older than what is stored, changes nothing.

    :raises FeedFailed: when fetching fails and the stored rates have lived half of their time: somebody should look.
    """
    configured = settings()
    read = SOURCES.get(configured.exchange_rates_source)
    if read is None or not configured.exchange_rates_url:
        return {"updated": 0, "failed": 0}
    try:
        content = downloaded(configured.exchange_rates_url, most_bytes=ecb.LARGEST_BYTES)
        found = _credible(read(content), now=call.now)
    except (FeedFailed, NotUnderstood) as error:
        logger.warning("exchange rates were not fetched", reason=str(error))
        _complain_if_old(call)
        return {"updated": 0, "failed": 1}
    return {"updated": _stored(found, call), "failed": 0}


@_again_after_a_clash
def _stored(found: Published, call: Call) -> int:
    source = settings().exchange_rates_source
    book, version = queries.stored_rates()
    if book.at is not None and book.source == source:
        is_the_same = found.at == book.at and found.rates == book.fetched
        if found.at < book.at or is_the_same:
            return 0
    changed = RateBook(
        source=source,
        base=found.base,
        at=found.at,
        fetched_at=call.now,
        fetched=found.rates,
        manual=book.manual,
        endings=book.endings,
    )
    event = ExchangeRatesUpdated(source=source, at=clock.text(found.at))
    commit(
        [
            rates_write(book=changed, seen_version=version, call=call),
            announce(event, aggregate=AGGREGATE, sequence=version + 1, call=call),
        ]
    )
    return 1


def _credible(found: Published, *, now: datetime) -> Published:
    """Leave out currencies that ISO 4217 does not have (any more).

    :raises NotUnderstood: for rates of days to come, which would keep those of tomorrow out.
    """
    if found.at > now + timedelta(days=1):
        message = f"it is of {clock.text(found.at)}"
        raise NotUnderstood(message)
    return Published(found.base, found.at, {code: rate for code, rate in found.rates.items() if _is_known(code)})


def _is_known(code: str) -> bool:
    try:
        known_currency(code)
    except ValueError:
        return False
    return True


def _complain_if_old(call: Call) -> None:
    book, _ = queries.stored_rates()
    hours = settings().exchange_rates_max_age_hours
    if book.at is not None and (call.now - book.at).total_seconds() > hours * 3600 / 2:
        detail = "The stored exchange rates grow old, and their source cannot be read."
        raise FeedFailed(detail)
