"""Custom resource."""

import json
import os
import urllib.request

import boto3


def handler(event, context):
    value = f"{event['ResourceProperties']['Greeting']} {event['RequestType']}"
    boto3.client("ssm").put_parameter(
        Name=os.environ["SETUP_PARAMETER"], Value=value, Type="SecureString", Overwrite=True
    )
    body = {
        "Status": "SUCCESS",
        "PhysicalResourceId": "setup",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {},
    }
    request = urllib.request.Request(event["ResponseURL"], data=json.dumps(body).encode(), method="PUT")
    urllib.request.urlopen(request).read()
