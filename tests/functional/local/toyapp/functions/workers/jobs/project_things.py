"""ThingsTable stream: a thing named `poison` breaks its batch."""

from toys import record


def handler(event, context):
    names = [entry["dynamodb"]["Keys"]["pk"]["S"] for entry in event["Records"]]
    if "poison" in names:
        raise RuntimeError("poisoned batch")
    for entry in event["Records"]:
        record("projection", {"id": entry["dynamodb"]["Keys"]["pk"]["S"], "event": entry["eventName"]})
