"""The permission witness: which AWS actions each handler called while the tests ran.

No local engine asks IAM. So every call of botocore is written down together with the handler that is at work, in the
words of IAM; `tests/architecture/permissions` compares the sum with the roles of the templates, both ways.
"""

import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import botocore.handlers
import pytest

from commerce.adapters import ssm

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".local" / "witness"

# What a transaction's parts are called in a policy.
IN_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}

# Where each service's calls name what they act upon.
NAMED_BY = {
    "events": ("EventBusName",),
    "s3": ("Bucket",),
    "sns": ("TopicArn",),
    "sqs": ("QueueUrl",),
    "ssm": ("Name",),
}

Observation = tuple[str, str, str]

_observed: set[Observation] = set()
_at_work: ContextVar[str | None] = ContextVar("handler at work", default=None)


def watched[**P, R](file: Path, handler: Callable[P, R]) -> Callable[P, R]:
    """Return the handler of a file below functions/, watched."""
    label = str(file.relative_to(ROOT / "functions").with_suffix(""))

    @functools.wraps(handler)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        before = _at_work.set(label)
        try:
            return handler(*args, **kwargs)
        finally:
            _at_work.reset(before)

    return call


@contextmanager
def unwatched() -> Iterator[None]:
    """Look at the store in the middle of a handler's work without being taken for the handler."""
    before = _at_work.set(None)
    try:
        yield
    finally:
        _at_work.reset(before)


def actions(service: str, operation: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the IAM actions of one call, each with the value of its parameter that names the resource."""
    match service, operation:
        case "dynamodb", "TransactWriteItems" | "TransactGetItems":
            for item in given["TransactItems"]:
                for kind, part in item.items():
                    yield f"dynamodb:{IN_A_TRANSACTION[kind]}", part["TableName"]
        case "dynamodb", "BatchGetItem" | "BatchWriteItem":
            for table in given["RequestItems"]:
                yield f"dynamodb:{operation}", table
        case "dynamodb", _:
            index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
            yield f"dynamodb:{operation}", f"{given['TableName']}{index}"
        case "events", "PutEvents":
            for entry in given["Entries"]:
                yield "events:PutEvents", entry["EventBusName"]
        case "ses", _:
            yield f"ses:{operation}", parseaddr(given["FromEmailAddress"])[1]
        case _:
            name = next((given[key] for key in NAMED_BY.get(service, ()) if key in given), "unnamed")
            yield f"{service}:{operation}", name


def variable(value: str) -> str:
    """Return the environment variable that holds the name of a resource; roles and code have that in common."""
    name, *index = value.split("/index/")
    found = next((key for key, held in sorted(os.environ.items()) if held == name and key.isupper()), f"?{name}")
    return "/index/".join([found, *index])


def _write_down(params: Mapping[str, Any], model: Any, **_: Any) -> None:
    label = _at_work.get()
    if label is not None:
        for action, resource in actions(model.service_model.signing_name, model.name, params):
            _observed.add((label, action, variable(resource)))


def _remembers[**P, R](read: Callable[P, R]) -> Callable[P, R]:
    """Return our reader of SSM, written down even when it answers from its memory.

    Another handler of the same process may have read the secret first; in Lambda each has a memory of its own.
    """

    @functools.wraps(read)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
        label = _at_work.get()
        if label is not None:
            _observed.add((label, "ssm:GetParameter", variable(str(args[0]))))
        return read(*args, **kwargs)

    return remembering


class Witness:
    """Watches this process. As pytest's plugin it leaves one file per process of the suite."""

    def __init__(self) -> None:
        botocore.handlers.BUILTIN_HANDLERS.append(("before-parameter-build", _write_down))
        vars(ssm)["_kept"] = _remembers(ssm._kept)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        write_down(getattr(session.config, "workerinput", {}).get("workerid", "main"))


def write_down(name: str) -> None:
    """Keep what this process saw, in a file of its own."""
    if _observed:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}-{os.getpid()}.json").write_text(json.dumps(sorted(_observed)))


def observations() -> set[Observation]:
    """Return what the last run of the suite saw: handler, action, variable."""
    return {
        (label, action, name) for file in FOLDER.glob("*.json") for label, action, name in json.loads(file.read_text())
    }
