"""DynamoDB stream InventoryTable: tell each movement to the SKU's history, the catalog and the watch over low stock."""

from commerce.entrypoints.workers import stream_consumer
from commerce.inventory import projection

handler = stream_consumer(projection.project_movements, worker="inventory.project_movements")
