"""JSON bodies, read strictly: one object, no duplicate keys, no surrogates, bounded depth and numbers."""

import json
from typing import Any, Never

from commerce.kernel.errors import Fault, Malformed

DEEPEST = 12
LONGEST_NUMBER = 20


def parse(text: str) -> dict[str, Any]:
    """Return the object that a request body holds.

    :raises Malformed: for everything that is not exactly one well-formed JSON object.
    """
    _check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
        text.encode()
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _malformed("body.not_unicode", "The body holds half of a surrogate pair.") from error
    except json.JSONDecodeError as error:
        if text.startswith("\ufeff"):
            raise _malformed("body.not_json", "The body begins with a byte order mark; send it without.") from error
        reason = error.msg.removesuffix(" at")
        message = f"The body is not valid JSON: {reason} at line {error.lineno}, column {error.colno}."
        raise _malformed("body.not_json", message) from error
    except (RecursionError, ValueError) as error:
        raise _malformed("body.not_json", "The body is not JSON that we can read.") from error
    if not isinstance(value, dict):
        raise _malformed("body.not_an_object", 'The body must be a JSON object, like {"quantity": 1}.')
    return value


def _check_depth(text: str) -> None:
    """Count brackets outside of strings, before the parser walks into them."""
    depth = 0
    inside = escaped = False
    for letter in text:
        if inside:
            inside = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            inside = True
        elif letter in "[{":
            depth += 1
            if depth > DEEPEST:
                raise _malformed("body.too_deep", f"The body nests deeper than {DEEPEST} levels.")
        elif letter in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed("body.duplicate_key", f"The key {json.dumps(twice)} stands twice in one object.")
    return value


def _constant(name: str) -> Never:
    raise _malformed("body.not_json", f"{name} is not JSON.")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _malformed("body.number_too_long", f"A number has more than {LONGEST_NUMBER} digits.")
    return int(digits)


def _malformed(code: str, message: str) -> Malformed:
    return Malformed(message, errors=(Fault(param="body", code=code, message=message),))
