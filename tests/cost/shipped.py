"""The prices that deployed functions know: those of what they count, by region, made from the price tables."""

import json
from pathlib import Path

from commerce.entrypoints.cost import PRICES
from tests.cost.price_table import FOLDER, PriceTable

COUNTED = (
    "api_gateway.request",
    "cloudfront.request",
    "cloudwatch.log_gb",
    "dynamodb.read_unit",
    "dynamodb.write_unit",
    "eventbridge.event",
    "kms.request",
    "lambda.gb_second",
    "lambda.request",
    "ses.mail",
    "sns.mail",
    "sns.publish",
    "sqs.request",
    "xray.trace",
)
BYTES = ("access_log_bytes", "platform_log_bytes")
MICRO = 1e6


def shipped() -> str:
    """Return the file's text: millionths of a dollar per unit."""
    regions = {}
    for file in sorted(FOLDER.glob("*.toml")):
        table = PriceTable.read(file)
        each = {name: float(f"{table.prices[name].each * MICRO:.6g}") for name in COUNTED}
        regions[table.region] = each | {name: table.assumed[name] for name in BYTES}
    return json.dumps(regions, indent=1) + "\n"


def ship(file: Path = PRICES) -> None:
    """Write the file."""
    file.write_text(shipped(), encoding="utf-8")
