"""Price a recorded journey: `make cost`."""

import argparse
import json
import logging
import sys
from pathlib import Path

from local.generated import replace_part
from local.options import ROOT
from tests.cost.price_table import DEFAULT, PriceTable
from tests.cost.recorded import record
from tests.cost.report import Bill
from tests.cost.shipped import ship
from tests.cost.totals import accept

PAGE = ROOT / "docs" / "performance.md"
FIGURES = ROOT / ".local" / "cost.json"


def main() -> None:
    """Record, price, and write the page and the figures."""
    parser = argparse.ArgumentParser(prog="make cost", description=__doc__)
    parser.add_argument("--prices", type=Path, default=DEFAULT, help="another price table (another region)")
    parser.add_argument("--times", type=int, default=5, help="how often the journey is walked")
    parser.add_argument("--accept", action="store_true", help="commit to the units that are seen now")
    parser.add_argument("--ship", action="store_true", help="only write the prices that deployed functions know")
    options = parser.parse_args()
    if options.ship:
        ship()
        return
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    recorded = record(options.times)
    bill = Bill(recorded, PriceTable.read(options.prices))
    if options.accept:
        accept([*recorded.steps, *recorded.apart])
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(bill.json(), indent=1) + "\n", encoding="utf-8")
    if options.prices == DEFAULT:
        replace_part(PAGE, by="make cost", text=bill.markdown())
    sys.stdout.write(bill.markdown() + f"\n\nfigures: {FIGURES.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
