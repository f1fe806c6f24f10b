"""What a rule's target receives: the event, a part of it, a constant, or a transformed text."""

import json
import re
from collections.abc import Mapping
from typing import Any

from local.templates import Target

type Json = Any


def payload(target: Target, event: Mapping[str, Any], *, rule_arn: str) -> Json:
    """Build what the target gets, parsed when it is JSON."""
    if target.input is not None:
        return _parsed(target.input)
    if target.input_path is not None:
        return extract(target.input_path, event)
    if target.input_template is not None:
        return _parsed(_transform(target, event, rule_arn))
    return event


def extract(path: str, event: Json) -> Json:
    """Follow a path such as `$.detail.lines[0].sku`; what is not there is None."""
    node = event
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path.removeprefix("$")):
        try:
            node = node[int(index)] if index else node[name]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _transform(target: Target, event: Mapping[str, Any], rule_arn: str) -> str:
    values = {name: extract(path, event) for name, path in (target.input_paths or {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.event.json": event,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.ingestion-time": event.get("time"),
    }
    text = target.input_template or ""

    def replace(match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = values[match[1]]
        quoted = len(re.findall(r'(?<!\\)"', text[: match.start()])) % 2 == 1
        if isinstance(value, str):
            encoded = json.dumps(value)
            return encoded[1:-1] if quoted or not text.lstrip().startswith(("{", "[")) else encoded
        return "" if value is None else json.dumps(value, separators=(",", ":"))

    return re.sub(r"<([A-Za-z0-9_.-]+)>", replace, text)


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
