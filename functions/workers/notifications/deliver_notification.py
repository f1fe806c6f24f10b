"""SQS NotificationsQueue: tell shoppers and the merchant what happened."""

from commerce.entrypoints.queues import queue_consumer
from commerce.notifications.operations import deliver

handler = queue_consumer(deliver, worker="notifications.deliver_notification")
