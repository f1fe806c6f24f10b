"""Custom resource."""

import os

import boto3
import httpx


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
    httpx.put(event["ResponseURL"], json=body)
