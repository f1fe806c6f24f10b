"""DynamoDB Local for tests that run in parallel: moto loses acknowledged writes there.

with DynamoDBLocal() as engine, tables_on(engine.url):
    ...
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from commerce.kernel import clock, records
from commerce.kernel.config import settings
from commerce.kernel.ids import new_id
from local.engines.dynamodb import DynamoDBLocal, why_not
from tests.support.aws import REGION
from tests.support.store import ENVIRONMENT, create_tables


def require_java() -> None:
    """Skip without DynamoDB Local; on CI its absence is a failure."""
    reason = why_not()
    if reason and os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI must run these tests")
    if reason:
        pytest.skip(f"{reason}: this needs the real engine")


@contextmanager
def running_dynamodb() -> Iterator[DynamoDBLocal]:
    """Run DynamoDB Local in memory; see `require_java` for where it cannot run."""
    require_java()
    with DynamoDBLocal() as engine:
        yield engine


@contextmanager
def tables_on(url: str, **environment: str) -> Iterator[Any]:
    """Give every table of the store, empty, on the engine at `url`; yields a client that looks into them."""
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT | {"AWS_ENDPOINT_URL_DYNAMODB": url} | environment)
    _forget()
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=url)
    try:
        create_tables(client)
        # Threads share one client; made first here, they cannot race to make several.
        records.connection().dispatch("ListTables", {})
        yield client
        for table in client.list_tables()["TableNames"]:
            client.delete_table(TableName=table)
    finally:
        client.close()
        os.environ.clear()
        os.environ.update(before)
        _forget()


def _forget() -> None:
    settings.cache_clear()
    records.connection.cache_clear()
    clock.set_offset(0)


class LostResponse:
    """Lets the first call of an operation reach DynamoDB and drops its answer, as a broken connection does.

    :ivar sent: how often the SDK sent the call.
    """

    def __init__(
        self, operation: str, *, tokens_count: bool = True, meanwhile: Callable[[], None] | None = None
    ) -> None:
        """
        :param tokens_count: False: DynamoDB sees another client token each time, as it does after ten minutes.
        :param meanwhile: what happens between the effect and the repeat.
        """
        self.sent = 0
        self._event = f"before-send.dynamodb.{operation}"
        self._tokens_count = tokens_count
        self._meanwhile = meanwhile

    def __enter__(self) -> Self:
        records.connection().client.meta.events.register_first(self._event, self._send)
        return self

    def __exit__(self, *_: object) -> None:
        records.connection().client.meta.events.unregister(self._event, self._send)

    def _send(self, request: Any, **_: Any) -> None:
        self.sent += 1
        if not self._tokens_count:
            body = json.loads(request.body) | {"ClientRequestToken": new_id("req")}
            request.body = json.dumps(body).encode()
            request.headers["Content-Length"] = str(len(request.body))
        if self.sent == 1:
            session = URLLib3Session()
            answer = session.send(request)
            session.close()
            assert answer.status_code == 200, answer.content
            if self._meanwhile is not None:
                self._meanwhile()
            raise ConnectionClosedError(endpoint_url=request.url)


class JustBefore:
    """Does something else just before the first call of an operation is sent: after its caller has read and decided."""

    def __init__(self, operation: str, work: Callable[[], None]) -> None:
        self._event = f"before-send.dynamodb.{operation}"
        self._work: Callable[[], None] | None = work

    def __enter__(self) -> Self:
        records.connection().client.meta.events.register_first(self._event, self._send)
        return self

    def __exit__(self, *_: object) -> None:
        records.connection().client.meta.events.unregister(self._event, self._send)

    def _send(self, **_: Any) -> None:
        work, self._work = self._work, None
        if work is not None:
            work()
