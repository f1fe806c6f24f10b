"""POST /v1/misbehave"""

import json
import os
import time

calls = 0


def handler(event, context):
    global calls  # noqa: PLW0603 - a warm worker keeps it
    calls += 1
    mode = json.loads(event["body"])["mode"]
    if mode == "raise":
        raise ValueError("as asked")
    if mode == "exit":
        os._exit(3)
    if mode == "sleep":
        time.sleep(30)
    if mode == "nap":
        time.sleep(0.3)
    if mode == "large":
        return {"statusCode": 200, "body": "x" * 6_300_000}
    if mode == "shape":
        return {"statusCode": "nonsense", "body": {"a": 1}}
    if mode == "unserializable":
        return {"statusCode": 200, "body": {1, 2}}
    return {"statusCode": 200, "body": json.dumps({"calls": calls, "pid": os.getpid()})}
