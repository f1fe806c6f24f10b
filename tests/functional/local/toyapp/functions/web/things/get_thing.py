"""GET /v1/things/{thing_id}"""

import os

import boto3
from toys import answer

client = boto3.client("dynamodb")


def handler(event, context):
    thing_id = event.get("pathParameters", {}).get("thing_id", "none")
    key = {"pk": {"S": thing_id}, "sk": {"S": "thing"}}
    item = client.get_item(TableName=os.environ["THINGS_TABLE"], Key=key).get("Item")
    if item is None:
        return answer(404, {"code": "thing.not_found"})
    return answer(200, {"id": thing_id, "size": int(item["size"]["N"])})
