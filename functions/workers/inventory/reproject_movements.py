"""Schedule rate(5 minutes): project the movements that the stream did not."""

from commerce.entrypoints.workers import scheduled
from commerce.inventory import projection

handler = scheduled(projection.reproject_movements, worker="inventory.reproject_movements")
