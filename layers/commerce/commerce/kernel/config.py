"""Every setting of every function, read once per process from the environment."""

import os
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from commerce.kernel.rounding import Rounding

CommaList = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: tuple(part.strip() for part in value.split(",") if part.strip())),
]


class Settings(BaseModel):
    """The environment of a function. A field's name in capitals is the variable's name."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    stage: str = Field("prod", description="Name of the deployment stage, for logs.")
    cost_metrics_every: int = Field(
        0, ge=0, le=1000, description="One in so many invocations tells CloudWatch what it costs; 0: none."
    )
    shop_name: str = Field("Tradewind", description="The shop's name as shoppers read it in mails.")
    shop_currency: str = Field("USD", description="ISO 4217 code of the currency of carts that name none.")
    shop_url: str = Field("", description="Address of the shop's front, for links in mails; empty: no links.")
    stock_locations: CommaList = Field(("main",), description="Stock locations that sell, in order of priority.")
    stock_shown_as: Literal["number", "band"] = Field(
        "number", description="Whether product pages show how many there are, or only whether there are few."
    )
    low_stock_band: int = Field(5, ge=0, le=1000, description="So many pieces and fewer are few.")
    hold_minutes: int = Field(30, ge=1, le=60, description="How long a checkout holds its stock.")
    hold_minutes_per_cart: int = Field(60, ge=1, le=240, description="How long one cart may hold stock in all.")
    open_checkouts_per_email: int = Field(3, ge=1, le=100, description="Open checkouts of one e-mail address.")
    open_checkouts_per_network: int = Field(
        100, ge=1, le=10_000, description="Open checkouts of one network (an IPv4 /24 or an IPv6 /48)."
    )
    read_cache_seconds: int = Field(
        5, ge=0, le=60, description="How long a process keeps answers that are the same for all shoppers."
    )
    capture_method: Literal["automatic", "manual"] = Field(
        "automatic", description="Whether a payment is captured at once or by staff."
    )
    allow_slow_payments: bool = Field(
        False, description="Whether shoppers may pay by bank debits, which hold stock for days until they succeed."
    )
    gift_card_valid_days: int = Field(
        0, ge=0, le=36_500, description="How long gift cards and store credit can be used; 0: for ever."
    )
    gift_card_lookups_per_network: int = Field(
        30, ge=1, le=10_000, description="Gift card codes that one network may ask about in ten minutes."
    )
    prices_include_tax: bool = Field(True, description="Whether the prices of the catalog include tax.")
    rounding_mode: Rounding = Field(
        Rounding.HALF_UP, description="What becomes of a fraction of a minor unit of a tax."
    )
    tax_provider: Literal["rules", "stripe_tax"] = Field(
        "rules", description="Who computes taxes: the shop's own rules, or Stripe Tax."
    )
    tax_fallback: Literal["rules", "refuse"] = Field(
        "rules", description="What happens while Stripe Tax does not answer: the shop's own rules, or no checkout."
    )
    tax_id_checks: Literal["offline", "vies"] = Field(
        "offline", description="Whether the EU's register is asked about the tax ids of businesses."
    )
    shop_country: str = Field(
        "", description="ISO 3166-1 code of where a shopper is who has not said so; empty: nowhere."
    )
    convert_prices: bool = Field(
        False, description="Whether what has no price in a cart's currency is sold at the converted price."
    )
    exchange_rates_source: Literal["none", "ecb"] = Field(
        "none", description="Whose exchange rates are fetched, by the format that they come in; none: nobody's."
    )
    exchange_rates_url: str = Field("", description="Where the exchange rates are fetched.")
    exchange_rates_max_age_hours: int = Field(
        168, ge=1, le=8760, description="Fetched exchange rates that are older convert nothing."
    )

    promotions_table: str = Field("", description="DynamoDB table of promotions, their codes and their limits.")
    prices_table: str = Field("", description="DynamoDB table of price lists, price rules and exchange rates.")
    catalog_table: str = Field("", description="DynamoDB table of products and categories.")
    inventory_table: str = Field("", description="DynamoDB table of stock levels and movements.")
    carts_table: str = Field("", description="DynamoDB table of carts.")
    checkouts_table: str = Field("", description="DynamoDB table of limits on open checkouts.")
    orders_table: str = Field("", description="DynamoDB table of orders.")
    payments_table: str = Field("", description="DynamoDB table of payments, refunds, disputes and reviews.")
    invoices_table: str = Field("", description="DynamoDB table of invoices, credit notes and their numbers.")
    shipping_table: str = Field("", description="DynamoDB table of shipping methods, zones and carriers' offers.")
    staff_table: str = Field("", description="DynamoDB table of staff keys.")
    taxes_table: str = Field("", description="DynamoDB table of tax rules, checked tax ids and tax calculations.")
    notifications_table: str = Field("", description="DynamoDB table of mails and alerts that were sent.")
    outbox_table: str = Field("", description="DynamoDB table of events, published from its stream.")
    gift_cards_table: str = Field("", description="DynamoDB table of gift cards and store credit, with their ledger.")
    idempotency_table: str = Field("", description="DynamoDB table of Idempotency-Key rows.")

    signing_keys_name: str = Field("", description="SSM SecureString with the keys that sign tokens and cursors.")
    gift_card_keys_name: str = Field(
        "", description="SSM SecureString with the keys that gift card codes are made with."
    )
    first_staff_key_name: str = Field("", description="SSM SecureString that receives the first staff key.")
    stripe_secret_key_name: str = Field("", description="SSM SecureString with Stripe's secret key.")
    stripe_webhook_secret_name: str = Field(
        "", description="SSM SecureString with the webhook secret; while rolling, two secrets with a comma."
    )
    stripe_publishable_key: str = Field("", description="Stripe's publishable key, handed to shoppers' browsers.")
    stripe_api_base: str = Field("", description="Address of Stripe's API; empty: Stripe's own.")
    vies_api_base: str = Field("", description="Address of the EU's register of tax ids; empty: the Commission's own.")

    carrier_rates: Literal["off", "shipengine"] = Field(
        "off", description="Who is asked for carriers' rates; off: methods of the kind carrier have their own rates."
    )
    carrier_api_key_name: str = Field("", description="SSM SecureString with the key of the carriers' provider.")
    carrier_api_base: str = Field("", description="Address of the provider's API; empty: the provider's own.")

    event_bus_name: str = Field("", description="EventBridge bus that carries the store's events.")
    stripe_events_queue_url: str = Field("", description="SQS queue that makes Stripe's events durable.")
    alerts_topic_arn: str = Field("", description="SNS topic that tells the merchant of low stock and trouble.")
    sender_email: str = Field("", description="Verified SES address that mails to shoppers come from.")
    trusted_proxy_hops: int = Field(
        1, ge=0, le=5, description="How many proxies of ours stand before the API (CloudFront is one)."
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process. Tests call `settings.cache_clear()` after a change."""
    return Settings.model_validate({key.lower(): value for key, value in os.environ.items()})
