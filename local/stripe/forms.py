"""Stripe's request encoding: form fields whose names say where in a tree they belong."""

import re
from typing import Any
from urllib.parse import parse_qsl

from local.stripe.errors import invalid_parameter

type Form = dict[str, "str | Form"]

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
PART = re.compile(r"\[([^\[\]]*)\]")
MAX_FIELDS = 1000
MAX_DEPTH = 8
HIDDEN = {"number", "cvc", "client_secret"}


def decode_form(encoded: bytes) -> Form:
    """Read a query string or a form body into a tree; lists become trees keyed ``"0"``, ``"1"``, ..."""
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        message = "Invalid request: the body is not a form in UTF-8 with at most 1000 fields."
        raise invalid_parameter(message, param=None) from error
    root: Form = {}
    for name, value in pairs:
        found = NAME.fullmatch(name)
        path = [found[1], *PART.findall(found[2])] if found else [name]
        if len(path) > MAX_DEPTH:
            message = f"Invalid request: '{path[0]}' is nested too deeply."
            raise invalid_parameter(message, param=path[0])
        _put(root, path, value)
    return root


def readable(form: Form) -> dict[str, Any]:
    """Show a form with its lists as lists, and without card numbers and client secrets."""
    return {name: _readable(name, value) for name, value in form.items()}


def _put(root: Form, path: list[str], value: str) -> None:
    node = root
    for part in path[:-1]:
        child = node.setdefault(_key(node, part), {})
        if isinstance(child, str):
            message = f"Invalid request: '{path[0]}' is both a value and an object."
            raise invalid_parameter(message, param=path[0])
        node = child
    key = _key(node, path[-1])
    if isinstance(node.get(key), dict):
        message = f"Invalid request: '{path[0]}' is both a value and an object."
        raise invalid_parameter(message, param=path[0])
    node[key] = value


def _key(node: Form, part: str) -> str:
    return part or str(len(node))


def _readable(name: str, value: "str | Form") -> object:
    if isinstance(value, str):
        return f"...{value[-4:]}" if name in HIDDEN else value
    if value and all(key.isdecimal() for key in value):
        return [_readable(key, item) for key, item in value.items()]
    return readable(value)
