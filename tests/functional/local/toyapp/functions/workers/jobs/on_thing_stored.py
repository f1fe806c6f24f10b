"""Rule thing.stored."""

from toys import record


def handler(event, context):
    if event["detail"].get("fail"):
        raise RuntimeError("cannot take this event")
    record("event", event)
