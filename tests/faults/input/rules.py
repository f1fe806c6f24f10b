"""What holds for every answer, whatever was asked (G12): declared, explained, and without effect where it refuses."""

import json
import re
from functools import cache
from http import HTTPStatus
from typing import Any

from local.options import ROOT
from tests.faults.input.front import Answer, Request
from tests.support.document import Operation

PROBLEM = "application/problem+json"
MEMBERS: dict[str, type] = {
    "type": str,
    "title": str,
    "status": int,
    "code": str,
    "detail": str,
    "errors": list,
    "request_id": str,
    "retryable": bool,
}
GATEWAYS_OWN = frozenset({401, 403, 413, 429, 431})
"""Refusals that the gateway also makes by itself, with nothing but a message."""

TOO_LARGE_FOR_THE_GATEWAY = frozenset({413, 431})
LARGEST_REFUSAL = 64 * 1024
INSIDE = re.compile(
    r"Traceback|botocore|boto3|pynamodb|pydantic|dynamodb|\btest-[a-z]+\b|site-packages|" + re.escape(str(ROOT)),
    re.IGNORECASE,
)
"""What is for our eyes only."""


@cache
def known_codes() -> frozenset[str]:
    """Return the codes that docs/api.md explains."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return frozenset(re.findall(r"`([a-z_]+\.[a-z_]+|not_found)`", text))


def broken(request: Request, answer: Answer, operation: Operation | None) -> list[str]:
    """Return what is wrong with an answer, in words.

    :param operation: the one that the request is made to; None when it may lead anywhere.
    """
    found = []
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        found.append("an error of ours")
    elif operation and not _is_declared(answer, operation):
        found.append("the document does not declare this status")
    if answer.status >= HTTPStatus.BAD_REQUEST:
        found += _broken_refusal(answer) if request.method != "HEAD" else []
        found += ["a refusal had an effect"] if answer.effects else []
    elif answer.effects and (request.method in {"GET", "HEAD"} or _is_dry(request)):
        found.append("a read or a dry run had an effect")
    if not answer.header("x-request-id") and answer.header("content-type") != "application/json":
        found.append("nothing to quote to support")
    return found


def _is_dry(request: Request) -> bool:
    path, _, query = request.target.partition("?")
    return "dry_run=true" in query and not path.startswith("/v1/webhooks/")


def _is_declared(answer: Answer, operation: Operation) -> bool:
    made_by_gateway = answer.status in TOO_LARGE_FOR_THE_GATEWAY and answer.header("content-type") != PROBLEM
    return made_by_gateway or answer.status in operation.statuses | {HTTPStatus.NOT_FOUND}


def _broken_refusal(answer: Answer) -> list[str]:
    try:
        said = json.loads(answer.body)
    except ValueError:
        return ["a refusal that is no JSON"]
    kind = answer.header("content-type")
    if kind == "application/json":
        own = answer.status in GATEWAYS_OWN and said.keys() == {"message"}
        return [] if own else ["a refusal that is no problem document"]
    return _broken_problem(said, answer) if kind == PROBLEM else [f"a refusal of the type '{kind}'"]


def _broken_problem(said: dict[str, Any], answer: Answer) -> list[str]:
    unsound = [name for name, kind in MEMBERS.items() if not isinstance(said.get(name), kind)]
    if unsound:
        return [f"a problem document without {' or '.join(unsound)}"]
    inside = INSIDE.search(json.dumps(said))
    rules = {
        "its document names another status": said["status"] == answer.status,
        "its document names another request": said["request_id"] == answer.header("x-request-id"),
        f"docs/api.md does not explain {said['code']}": said["code"] in known_codes(),
        "it has no words for a person": bool(said["title"].strip() and said["detail"].strip()),
        "it does not end": len(answer.body) <= LARGEST_REFUSAL,
        "an entry of `errors` does not say what is wrong": all(_explains(entry) for entry in said["errors"]),
        f"it speaks of {inside and inside[0]}": not inside,
        "somebody may keep it": answer.header("cache-control") == "no-store",
        "somebody may take it for a page": answer.header("x-content-type-options") == "nosniff",
        "it does not say when to come back": answer.status != HTTPStatus.TOO_MANY_REQUESTS
        or bool(answer.header("retry-after")),
    }
    return [words for words, holds in rules.items() if not holds]


def _explains(entry: dict[str, Any]) -> bool:
    is_known = entry["code"].startswith("invalid.") or entry["code"] in known_codes()
    return is_known and bool(entry["param"] and entry["message"].strip())
