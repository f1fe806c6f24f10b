"""GET /v1/admin/who"""

import json


def handler(event, context):
    body = {"routeKey": event["routeKey"], "authorizer": event["requestContext"].get("authorizer")}
    return {"statusCode": 200 if event["routeKey"] != "$default" else 404, "body": json.dumps(body)}
