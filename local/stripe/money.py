"""Which amounts Stripe takes, and what it keeps of them."""

from local.stripe.errors import StripeError, invalid_parameter

# The currencies that Stripe takes card payments in.
_TWO_DECIMAL = """usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf
    chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk
    jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr
    nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd
    tzs uah uyu uzs wst xcd yer zar zmw"""
_ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"
_THREE_DECIMAL = "bhd jod kwd omr tnd"
ZERO_DECIMAL, THREE_DECIMAL = frozenset(_ZERO_DECIMAL.split()), frozenset(_THREE_DECIMAL.split())
CURRENCIES = frozenset(_TWO_DECIMAL.split()) | ZERO_DECIMAL | THREE_DECIMAL
MINIMUM = {
    "aed": 200,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}
DEFAULT_MINIMUM, MAXIMUM = 50, 99_999_999
FEE_PER_MILLE, FEE_FIXED, DISPUTE_FEE = 29, 30, 1500


def checked_currency(currency: str) -> str:
    """Give the currency in Stripe's spelling; refuses one that Stripe does not know."""
    code = currency.lower()
    if code not in CURRENCIES:
        message = (
            f"Invalid currency: {code}. Stripe currently supports these currencies: {', '.join(sorted(CURRENCIES))}"
        )
        raise invalid_parameter(message, param="currency")
    return code


def check_amount(amount: int, currency: str) -> None:
    """Refuse an amount that is outside Stripe's limits, or finer than Stripe's rounding of three-decimal money."""
    minimum = MINIMUM.get(currency, DEFAULT_MINIMUM)
    if amount < minimum:
        message = f"Amount must be at least {spelled(minimum, currency)}"
        raise invalid_parameter(message, code="amount_too_small", param="amount")
    if amount > MAXIMUM:
        message = f"Amount must be no more than {spelled(MAXIMUM, currency)}"
        raise invalid_parameter(message, code="amount_too_large", param="amount")
    if currency in THREE_DECIMAL and amount % 10:
        message = f"Invalid amount: in {currency} the last digit must be 0, not {amount % 10}."
        raise invalid_parameter(message, param="amount")


def spelled(amount: int, currency: str) -> str:
    """Write an amount as Stripe's messages do."""
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    whole, rest = divmod(amount, 10**digits)
    number = f"{whole:,}.{rest:0{digits}}" if digits else f"{whole:,}"
    return f"${number} {currency}" if currency == "usd" else f"{number} {currency}"


def processing_fee(amount: int) -> int:
    """Compute 2.9% of the amount, half a unit rounded up, and 30 minor units."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


def over_refund(amount: int, left: int, currency: str) -> StripeError:
    """Refuse a refund above what is left of the charge."""
    message = (
        f"Refund amount ({spelled(amount, currency)}) is greater than unrefunded amount on charge "
        f"({spelled(left, currency)})"
    )
    return invalid_parameter(message, param="amount")
