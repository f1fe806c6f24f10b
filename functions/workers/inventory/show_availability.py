"""Schedule rate(5 minutes): bring a change of the locations to the pages of products."""

from commerce.entrypoints.workers import scheduled
from commerce.inventory import showing

handler = scheduled(showing.show_availability, worker="inventory.show_availability")
