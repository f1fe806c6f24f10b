"""Schedule rate(5 minutes): bring price lists and rules to the pages of products."""

from commerce.catalog import showing_prices
from commerce.entrypoints.workers import scheduled

handler = scheduled(showing_prices.show_prices, worker="catalog.show_prices")
