"""Asking carriers, and keeping what they answered, so that a shopper can order exactly what they were offered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from commerce.adapters.carriers import Carriers, CarriersUnavailable, carriers
from commerce.kernel.config import settings
from commerce.kernel.errors import Unavailable
from commerce.kernel.log import logger
from commerce.kernel.reads import Answers, fetch
from commerce.kernel.transactions import commit
from commerce.shipping.offers import Question, offers_of
from commerce.shipping.options import CarrierOffer
from commerce.shipping.records import AlreadyQuoted, QuoteRecord, quote_read, quote_write
from commerce.shipping.windows import window_of

FAILED_FOR = timedelta(seconds=60)
"""After a failure shoppers get the methods' own rates for so long, and nobody waits for carriers."""

Known = Mapping[str, tuple[CarrierOffer, ...] | None]
"""Offers by method. None: the carriers do not answer, and the method's own rates hold instead."""


def known_offers(*, asked: Sequence[Question], now: datetime) -> Known:
    """Return the offers that were made and still hold, without asking anybody; one read of DynamoDB, or none."""
    if not asked or settings().carrier_rates == "off":
        return {question.method_id: None for question in asked}
    answers = _kept(asked, now)
    return {question.method_id: _holding(question, answers, now) for question in asked}


def offers(*, asked: Sequence[Question], now: datetime) -> Known:
    """Return the carriers' offers: those that were made within half an hour, else new ones, which are kept.

    Whatever keeps the carriers from answering is no failure of the store: the methods' own rates take their place.
    """
    if not asked or settings().carrier_rates == "off":
        return {question.method_id: None for question in asked}
    answers = _kept(asked, now)
    open_questions = [question for question in asked if _must_be_asked(question, answers, now)]
    found = dict[str, tuple[CarrierOffer, ...] | None]()
    provider, failure = _provider() if open_questions else (None, None)
    for question in asked:
        if question in open_questions:
            new = _new_offers(question, provider, failure, now)
            found[question.method_id] = new if new is not None else _holding(question, answers, now) or None
        else:
            found[question.method_id] = _holding(question, answers, now)
    return found


def fresh_offers(*, asked: Sequence[Question], now: datetime) -> Known:
    """Ask the carriers now, and keep nothing: for staff, who look and do not order. None are asked while it is off."""
    if not asked or settings().carrier_rates == "off":
        return {}
    provider, failure = _provider()
    found = dict[str, tuple[CarrierOffer, ...] | None]()
    for question in asked:
        try:
            found[question.method_id] = tuple(_asked(question, provider, failure, now))
        except Unavailable as error:
            logger.warning("carriers did not answer", reason=error.detail)
            found[question.method_id] = None
    return found


def _kept(asked: Sequence[Question], now: datetime) -> Answers:
    window = window_of(now)
    return fetch(quote_read(question.key, each) for question in asked for each in (window, window - 1))


def _current(question: Question, answers: Answers, now: datetime) -> QuoteRecord | None:
    return answers.get(quote_read(question.key, window_of(now)))


def _must_be_asked(question: Question, answers: Answers, now: datetime) -> bool:
    current = _current(question, answers, now)
    return current is None or (current.failed_until is not None and current.failed_until <= now)


def _holding(question: Question, answers: Answers, now: datetime) -> tuple[CarrierOffer, ...] | None:
    """Return the offers of this window and the one before; None when there are none because of a failure."""
    before = answers.get(quote_read(question.key, window_of(now) - 1))
    current = _current(question, answers, now)
    made = [offer for record in (current, before) if record is not None for offer in record.all()]
    holding = tuple(offer for offer in made if now < offer.valid_until)
    latest = current or before
    return None if not holding and latest is not None and latest.failed_until is not None else holding


def _provider() -> tuple[Carriers | None, Unavailable | None]:
    try:
        return carriers(), None
    except Unavailable as error:
        return None, error


def _asked(
    question: Question, provider: Carriers | None, failure: Unavailable | None, now: datetime
) -> list[CarrierOffer]:
    if provider is None:
        raise failure or CarriersUnavailable("No carriers are set up.")
    accounts = question.rates.accounts
    rates = provider.rates(
        package=question.package, origin=question.origin, destination=question.destination, accounts=accounts
    )
    points = provider.points(near=question.destination, accounts=accounts) if question.rates.to_points and rates else ()
    return offers_of(asked=question, window=window_of(now), rates=rates, points=points)


def _new_offers(
    question: Question, provider: Carriers | None, failure: Unavailable | None, now: datetime
) -> tuple[CarrierOffer, ...] | None:
    """Ask the carriers and keep what came of it; None when they did not answer."""
    made: list[CarrierOffer] = []
    failed_until = None
    try:
        made = _asked(question, provider, failure, now)
    except Unavailable as error:
        logger.warning("carriers did not answer", reason=error.detail)
        again_after = error.again_after_seconds if isinstance(error, CarriersUnavailable) else None
        failed_until = now + max(FAILED_FOR, timedelta(seconds=again_after or 0))
    window = window_of(now)
    try:
        commit([quote_write(key=question.key, window=window, offers=made, failed_until=failed_until, now=now)])
    except AlreadyQuoted:
        # Somebody asked at the same moment: their answer is the one that can be ordered.
        return _holding(question, _kept([question], now), now)
    return tuple(made) if failed_until is None else None
