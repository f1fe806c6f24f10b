"""WSGI middleware around moto: an ordered feed of events, mails and notifications, and the depth of each queue.

Its own routes, under `/_engine/`: `GET wait?after=N&timeout=S` answers `{version, items, queues}` as soon as
something happened after version N; `POST clock?offset=S` moves the clock; `POST queues/redrive?source=&target=`;
`GET queues/peek?name=` shows messages without receiving them.
"""

import base64
import contextlib
import email
import email.policy
import io
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import moto.core.utils
from moto.sqs.models import sqs_backends

from local.clock import new_uuid
from local.templates.names import ACCOUNT, REGION

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

KEPT_ITEMS = 20_000
# Calls that never give the pumps work to do.
_QUIET = ("Receive", "Delete", "Get", "List", "Describe")


class Feed:
    """The middleware. Each item has a `version`; versions only grow."""

    def __init__(self, application: Wsgi, *, move_clock: Callable[[float], None], serialize_dynamodb: bool) -> None:
        self._application = application
        self._move_clock = move_clock
        self._serialize = serialize_dynamodb
        self._dynamodb_lock = threading.Lock()
        self._changed = threading.Condition()
        self._version = 0
        self._items: list[dict[str, Any]] = []

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: our own routes here, everything else by moto."""
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_engine/"):
            return self._control(path.removeprefix("/_engine/"), environ, start_response)
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target.startswith("DynamoDB") and self._serialize:
            with self._dynamodb_lock:
                return list(self._application(environ, start_response))
        form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
        if not target and not form and not path.startswith("/v2/email"):
            return self._application(environ, start_response)
        return self._observe(target, environ, start_response)

    def _observe(self, target: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        status = ""

        def started(line: str, *rest: Any) -> Any:
            nonlocal status
            status = line
            return start_response(line, *rest)

        answer = b"".join(self._application(environ, started))
        operation = target.rpartition(".")[2]
        if status.startswith("2") and not operation.startswith(_QUIET):
            self._publish(_observed(target, environ, body, answer))
        return [answer]

    def _publish(self, items: list[dict[str, Any]]) -> None:
        with self._changed:
            self._version += 1
            for item in items:
                self._version += 1
                self._items.append({"version": self._version, **item})
            del self._items[:-KEPT_ITEMS]
            self._changed.notify_all()

    def _control(self, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        document: dict[str, Any] = {}
        if path == "wait":
            document = self._wait(int(query.get("after", "0")), float(query.get("timeout", "0")))
        elif path == "clock":
            self._move_clock(float(query["offset"]))
            self._publish([])
        elif path == "queues/peek":
            document = {"messages": _peek(query["name"])}
        elif path == "queues/redrive":
            document = {"moved": _redrive(query["source"], query.get("target"))}
            self._publish([])
        body = json.dumps(document).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    def _wait(self, after: int, timeout: float) -> dict[str, Any]:
        with self._changed:
            self._changed.wait_for(lambda: self._version > after, timeout)
            items = [item for item in self._items if item["version"] > after]
            return {"version": self._version, "items": items, "queues": queue_depths()}


def queue_depths() -> dict[str, dict[str, int]]:
    """Count each queue's messages: ready to receive, received but not deleted, and delayed."""
    depths = {}
    for name, queue in list(sqs_backends[ACCOUNT][REGION].queues.items()):
        messages = list(queue._messages)  # noqa: SLF001 - moto's public count mixes what we need apart
        delayed = sum(message.delayed for message in messages)
        hidden = sum(not message.visible and not message.delayed for message in messages)
        depths[name] = {"visible": len(messages) - delayed - hidden, "in_flight": hidden, "delayed": delayed}
    return depths


def _peek(name: str) -> list[dict[str, Any]]:
    queue = sqs_backends[ACCOUNT][REGION].queues[name]
    return [
        {
            "id": message.id,
            "receives": message.approximate_receive_count,
            "visible": message.visible and not message.delayed,
            "attributes": {key: value.get("StringValue") for key, value in message.message_attributes.items()},
            "body": message.body,
        }
        for message in list(queue._messages)  # noqa: SLF001 - reading it through SQS would hide it
    ]


def _redrive(source: str, target: str | None) -> int:
    """Send a dead-letter queue's messages back to `target`, or to the first queue that gives up to it."""
    queues = sqs_backends[ACCOUNT][REGION].queues
    dead = queues[source]
    targets = [queues[target]] if target else [queue for queue in queues.values() if queue.dead_letter_queue is dead]
    if not targets:
        return 0
    messages = list(dead._messages)  # noqa: SLF001 - moto has no working StartMessageMoveTask
    for message in messages:
        dead._messages.remove(message)  # noqa: SLF001
        dead.pending_messages.discard(message)
        message.approximate_receive_count = 0
        message.change_visibility(0)
        targets[0].add_message(message)
    return len(messages)


def _observed(target: str, environ: Environ, body: bytes, answer: bytes) -> list[dict[str, Any]]:
    if target.endswith(".PutEvents"):
        return _events(json.loads(body), json.loads(answer))
    if environ.get("PATH_INFO") == "/v2/email/outbound-emails":
        return [{"kind": "email", **_sesv2_mail(json.loads(body))}]
    if not target:
        form = {key: values[0] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        if form.get("Action") == "Publish":
            return [_notification(form)]
        if form.get("Action") in ("SendEmail", "SendRawEmail"):
            return [{"kind": "email", **_ses_mail(form)}]
    return []


def now_text() -> str:
    """Return the store's time as AWS writes it in events."""
    moment = datetime.fromtimestamp(moto.core.utils.unix_time(), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _events(request: Mapping[str, Any], answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = []
    for entry, outcome in zip(request["Entries"], answer["Entries"], strict=True):
        if "EventId" in outcome:
            given = entry.get("Time")
            moment = now_text() if given is None else datetime.fromtimestamp(float(given), UTC).isoformat()
            event = {
                "version": "0",
                "id": outcome["EventId"],
                "detail-type": entry["DetailType"],
                "source": entry["Source"],
                "account": ACCOUNT,
                "time": moment.replace("+00:00", "Z"),
                "region": REGION,
                "resources": entry.get("Resources", []),
                "detail": json.loads(entry["Detail"]),
            }
            bus = entry.get("EventBusName", "default").rpartition("/")[2]
            items.append({"kind": "event", "bus": bus, "event": event})
    return items


def _notification(form: Mapping[str, str]) -> dict[str, Any]:
    attributes = {}
    for number in range(1, 11):
        prefix = f"MessageAttributes.entry.{number}"
        if f"{prefix}.Name" in form:
            kind, value = form.get(f"{prefix}.Value.DataType", "String"), form.get(f"{prefix}.Value.StringValue", "")
            attributes[form[f"{prefix}.Name"]] = {"Type": kind, "Value": value}
    return {
        "kind": "notification",
        "id": new_uuid(),
        "time": now_text(),
        "topic": form.get("TopicArn", ""),
        "subject": form.get("Subject"),
        "message": form.get("Message", ""),
        "attributes": attributes,
    }


def _sesv2_mail(request: Mapping[str, Any]) -> dict[str, Any]:
    destination = request.get("Destination") or {}
    content = request.get("Content") or {}
    mail = {
        "id": new_uuid(),
        "time": now_text(),
        "via": "ses",
        "from": request.get("FromEmailAddress", ""),
        "to": [
            *destination.get("ToAddresses", []),
            *destination.get("CcAddresses", []),
            *destination.get("BccAddresses", []),
        ],
        "reply_to": request.get("ReplyToAddresses", []),
    }
    if "Raw" in content:
        return mail | _raw_parts(base64.b64decode(content["Raw"]["Data"]), mail)
    simple = content.get("Simple") or {}
    parts = simple.get("Body") or {}
    return mail | {
        "subject": (simple.get("Subject") or {}).get("Data", ""),
        "text": (parts.get("Text") or {}).get("Data"),
        "html": (parts.get("Html") or {}).get("Data"),
        "headers": {header["Name"]: header["Value"] for header in simple.get("Headers", ())},
    }


def _ses_mail(form: Mapping[str, str]) -> dict[str, Any]:
    mail: dict[str, Any] = {"id": new_uuid(), "time": now_text(), "via": "ses", "from": form.get("Source", "")}
    mail["to"] = [value for key, value in form.items() if key.startswith(("Destination.", "Destinations."))]
    mail["reply_to"] = [value for key, value in form.items() if key.startswith("ReplyToAddresses.")]
    if "RawMessage.Data" in form:
        return mail | _raw_parts(base64.b64decode(form["RawMessage.Data"]), mail)
    return mail | {
        "subject": form.get("Message.Subject.Data", ""),
        "text": form.get("Message.Body.Text.Data"),
        "html": form.get("Message.Body.Html.Data"),
        "headers": {},
    }


def _raw_parts(raw: bytes, mail: Mapping[str, Any]) -> dict[str, Any]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts: dict[str, str | None] = {"plain": None, "html": None}
    for kind in parts:
        with contextlib.suppress(KeyError, LookupError):
            body = message.get_body(preferencelist=(kind,))
            parts[kind] = body.get_content() if body else None
    return {
        "from": mail["from"] or str(message.get("From", "")),
        "to": mail["to"] or [str(address) for address in message.get_all("To", [])],
        "subject": str(message.get("Subject", "")),
        "text": parts["plain"],
        "html": parts["html"],
        "headers": dict(message.items()),
    }
