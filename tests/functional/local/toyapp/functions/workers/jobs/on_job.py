"""JobsQueue: a job with `fail` fails alone."""

import json

from toys import record


def handler(event, context):
    failures = []
    for message in event["Records"]:
        job = json.loads(message["body"])
        if job.get("fail"):
            failures.append({"itemIdentifier": message["messageId"]})
        else:
            record("job", job)
    return {"batchItemFailures": failures}
