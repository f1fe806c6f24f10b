"""Event patterns of EventBridge rules and of event source filters (the documented operators)."""

import fnmatch
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

type Value = Any
"""A JSON value, or `_MISSING`."""

_MISSING: Value = object()
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matches(pattern: Mapping[str, Any], event: Value) -> bool:
    """Tell whether an event fits a pattern: every field must fit, and one of a field's conditions is enough."""
    for key, wanted in pattern.items():
        if key == "$or":
            if not any(matches(option, event) for option in wanted):
                return False
            continue
        found = event.get(key, _MISSING) if isinstance(event, Mapping) else _MISSING
        if isinstance(wanted, Mapping):
            if not _matches_below(wanted, found):
                return False
        elif not _matches_any(wanted, found):
            return False
    return True


def _matches_below(wanted: Mapping[str, Any], found: Value) -> bool:
    # An array of objects fits when one of them does; a missing object may still fit `exists: false`.
    if isinstance(found, list):
        return any(matches(wanted, part) for part in found)
    return matches(wanted, found if isinstance(found, Mapping) else {})


def _matches_any(conditions: Sequence[Any], found: Value) -> bool:
    values = found if isinstance(found, list) else [found]
    return any(_fits(condition, value) for condition in conditions for value in values or [_MISSING])


def _fits(condition: Value, value: Value) -> bool:
    if not isinstance(condition, Mapping):
        return value is not _MISSING and _equal(condition, value)
    name, argument = next(iter(condition.items()))
    if name == "exists":
        return bool(argument) == (value is not _MISSING)
    return value is not _MISSING and _OPERATORS[name](argument, value)


def _equal(wanted: Value, value: Value) -> bool:
    return bool(wanted == value) and isinstance(wanted, bool) == isinstance(value, bool)


def _anything_but(argument: Value, value: Value) -> bool:
    if isinstance(argument, Mapping):
        return not _fits(argument, value)
    refused = argument if isinstance(argument, list) else [argument]
    return not any(_equal(entry, value) for entry in refused)


def _affix(argument: Value, value: Value, test: Callable[[str, str], bool]) -> bool:
    if isinstance(argument, list):
        return any(_affix(entry, value, test) for entry in argument)
    if not isinstance(value, str):
        return False
    if isinstance(argument, Mapping):
        return test(value.lower(), str(argument["equals-ignore-case"]).lower())
    return test(value, argument)


def _numeric(argument: Sequence[Any], value: Value) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return all(_COMPARE[sign](value, limit) for sign, limit in pairs)


def _ignore_case(argument: Value, value: Value) -> bool:
    wanted = argument if isinstance(argument, list) else [argument]
    return isinstance(value, str) and value.lower() in {entry.lower() for entry in wanted}


def _wildcard(argument: Value, value: Value) -> bool:
    wanted = argument if isinstance(argument, list) else [argument]
    patterns = (fnmatch.translate(re.sub(r"([\[?])", r"[\1]", entry)) for entry in wanted)
    return isinstance(value, str) and any(re.match(pattern, value) for pattern in patterns)


def _cidr(argument: str, value: Value) -> bool:
    try:
        return ipaddress.ip_address(str(value)) in ipaddress.ip_network(argument)
    except ValueError:
        return False


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": lambda argument, value: _affix(argument, value, str.startswith),
    "suffix": lambda argument, value: _affix(argument, value, str.endswith),
    "anything-but": _anything_but,
    "numeric": _numeric,
    "equals-ignore-case": _ignore_case,
    "wildcard": _wildcard,
    "cidr": _cidr,
}
