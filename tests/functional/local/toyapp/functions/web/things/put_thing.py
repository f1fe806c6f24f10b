"""PUT /v1/things/{thing_id}: store it and announce it in the ways that the body asks for."""

import json
import os

import boto3
from toys import answer


def handler(event, context):
    thing_id = event["pathParameters"]["thing_id"]
    body = json.loads(event["body"])
    item = {
        "pk": {"S": thing_id},
        "sk": {"S": "thing"},
        "kind": {"S": body.get("kind", "thing")},
        "size": {"N": str(body["size"])},
    }
    boto3.client("dynamodb").put_item(TableName=os.environ["THINGS_TABLE"], Item=item)
    if "event" in body:
        entry = {
            "EventBusName": os.environ["EVENT_BUS_NAME"],
            "Source": "toy",
            "DetailType": "thing.stored",
            "Detail": json.dumps({"id": thing_id, "size": body["size"], **body["event"]}),
        }
        assert boto3.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    for job in body.get("jobs", []):
        boto3.client("sqs").send_message(QueueUrl=os.environ["JOBS_QUEUE_URL"], MessageBody=json.dumps(job))
    if "alert" in body:
        boto3.client("sns").publish(
            TopicArn=os.environ["ALERTS_TOPIC_ARN"], Subject="Look at this", Message=body["alert"]
        )
    if "mail" in body:
        boto3.client("sesv2").send_email(
            FromEmailAddress="shop@tradewind.example",
            Destination={"ToAddresses": [body["mail"]]},
            Content={
                "Simple": {
                    "Subject": {"Data": f"Thing {thing_id}"},
                    "Body": {"Text": {"Data": "plain"}, "Html": {"Data": "<p>rich</p>"}},
                }
            },
        )
    return answer(201, {"id": thing_id})
