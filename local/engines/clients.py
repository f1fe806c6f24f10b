"""Clients of the local services for the runtime itself."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.templates.names import REGION
from local.workers.environment import Endpoints

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

_POOL = 24


class Clients:
    """One client per service, made when it is first used; they may be shared by threads."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self._session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name=REGION,
        )

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """DynamoDB."""
        client: DynamoDBClient = self._client("dynamodb", self.endpoints.dynamodb)
        return client

    @cached_property
    def streams(self) -> "DynamoDBStreamsClient":
        """DynamoDB Streams."""
        client: DynamoDBStreamsClient = self._client("dynamodbstreams", self.endpoints.dynamodb)
        return client

    @cached_property
    def sqs(self) -> "SQSClient":
        """SQS."""
        client: SQSClient = self._client("sqs", self.endpoints.aws)
        return client

    @cached_property
    def events(self) -> "EventBridgeClient":
        """EventBridge."""
        client: EventBridgeClient = self._client("events", self.endpoints.aws)
        return client

    @cached_property
    def sns(self) -> "SNSClient":
        """SNS."""
        client: SNSClient = self._client("sns", self.endpoints.aws)
        return client

    @cached_property
    def ses(self) -> "SESV2Client":
        """SES."""
        client: SESV2Client = self._client("sesv2", self.endpoints.aws)
        return client

    @cached_property
    def ssm(self) -> "SSMClient":
        """SSM."""
        client: SSMClient = self._client("ssm", self.endpoints.aws)
        return client

    @cached_property
    def s3(self) -> "S3Client":
        """S3."""
        client: S3Client = self._client("s3", self.endpoints.aws)
        return client

    def _client(self, service: str, endpoint: str) -> Any:
        config = Config(
            max_pool_connections=_POOL,
            connect_timeout=5,
            read_timeout=30,
            retries={"total_max_attempts": 2},
            s3={"addressing_style": "path"},
        )
        return self._session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]
