"""What the toy functions share: plain records that a test can read back."""

import json
import os
import time
import uuid

import boto3


def record(kind, body):
    """Keep `body` under `kind` in the records table."""
    item = {
        "pk": {"S": kind},
        "sk": {"S": f"{time.time_ns()}-{uuid.uuid4().hex[:6]}"},
        "body": {"S": json.dumps(body)},
    }
    boto3.client("dynamodb").put_item(TableName=os.environ["RECORDS_TABLE"], Item=item)


def answer(status, body, **extra):
    """Build a formatted HTTP response."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
        **extra,
    }
