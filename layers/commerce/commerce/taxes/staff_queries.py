"""Staff's questions about taxes."""

import json
from datetime import date, datetime

from commerce.kernel.money import Money
from commerce.kernel.reads import fetch, get
from commerce.taxes import provider, queries
from commerce.taxes.lines import Taxable
from commerce.taxes.model import TaxRules
from commerce.taxes.places import Place
from commerce.taxes.provider import Address, Basket
from commerce.taxes.records import RULES, TaxRulesRecord
from commerce.taxes.schemas import TaxIdCheck, buyer_of, lines_of
from commerce.taxes.staff_answers import StaffTaxRules, TaxPreview, TaxWarning
from commerce.taxes.staff_schemas import PreviewTaxes
from commerce.taxes.territories import member_state


def staff_rules() -> StaffTaxRules:
    """Return all rules, and what is probably wrong with them."""
    record = get(TaxRulesRecord, RULES, RULES)
    if record is None:
        return StaffTaxRules(version=0)
    return answer(record.rules, version=int(record.version), updated_at=record.updated_at)


def answer(text: str, *, version: int, updated_at: datetime) -> StaffTaxRules:
    """Return rules as staff read them, by their stored text."""
    found = tuple(warnings(queries.parsed(text), on=updated_at.date()))
    return StaffTaxRules(**json.loads(text), warnings=found, updated_at=updated_at, version=version)


def tax_id(*, text: str, now: datetime) -> TaxIdCheck:
    """Return what is known of a number. Nobody is asked."""
    return queries.tax_id_check(text, answers=fetch(queries.tax_id_reads(text)), now=now)


def preview(*, sale: PreviewTaxes, now: datetime) -> TaxPreview:
    """Return what a sale would be taxed, by whoever computes taxes for shoppers."""
    answers = fetch([*queries.shop_reads(), *queries.tax_id_reads(sale.tax_id)])
    check = queries.tax_id_check(sale.tax_id, answers=answers, now=now) if sale.tax_id is not None else None
    found = provider.computed(
        Basket(
            items=[Taxable(**item.model_dump()) for item in sale.items],
            currency=sale.currency,
            rules=queries.rules(answers=answers),
            address=Address(**sale.address.model_dump()) if sale.address is not None else None,
            now=now,
            on=date.fromisoformat(sale.on) if sale.on is not None else None,
            buyer=buyer_of(check, customer_id=sale.customer_id),
        )
    )
    taxed = found.taxed
    return TaxPreview(
        provider=found.provider,
        is_certain=found.is_certain,
        prices_include_tax=taxed.prices_include_tax,
        lines=lines_of(taxed, currency=sale.currency),
        net=Money(amount=taxed.net, currency=sale.currency),
        tax=Money(amount=taxed.tax, currency=sale.currency),
        gross=Money(amount=taxed.gross, currency=sale.currency),
        tax_id=check,
    )


def warnings(rules: TaxRules, *, on: date) -> list[TaxWarning]:
    """Return what is probably not meant: rates that never apply, and places without a rate."""
    found = []
    if rules.home is not None and rules.registration(rules.home, on=on) is None:
        message = "The shop is not registered where its home is, so its prices are taken to contain no tax."
        found.append(TaxWarning(code="home_not_registered", message=message))
    for registration in rules.registrations:
        there = Place(registration.country, region=registration.region)
        has_rates = any(
            rate.country == there.country and (not there.region or rate.region in {"", there.region})
            for rate in rules.rates
        )
        if not has_rates:
            name = "-".join(filter(None, (there.country, there.region)))
            message = f"The shop is registered in {name} and has no rate there: it charges nothing, and says `no_rate`."
            found.append(TaxWarning(code="no_rate", message=message))
    registered = {each.country for each in rules.registrations}
    for country in sorted({rate.country for rate in rules.rates} - registered):
        if rules.one_stop_shop is None or member_state(Place(country)) is None:
            message = f"There are rates of {country}, where the shop is not registered: they never apply."
            found.append(TaxWarning(code="not_registered", message=message))
    return found
