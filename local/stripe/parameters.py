"""What an operation accepts: one parser per parameter, and Stripe's words for what is refused."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.stripe.errors import StripeError, invalid_parameter
from local.stripe.forms import Form

type Parser = Callable[[str | Form, str], object]
type Spec = Mapping[str, Parser]

INTEGER = re.compile(r"-?[0-9]{1,18}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500
DEFAULT_PAGE, MAX_PAGE = 10, 100


def parse(spec: Spec, form: Form, *, required: tuple[str, ...] = (), prefix: str = "") -> dict[str, Any]:
    """Check a form against a spec; parameters that were not sent are absent from the result."""
    unknown = [name for name in form if name not in spec]
    if unknown:
        noun = "parameter" if len(unknown) == 1 else "parameters"
        names = ", ".join(_name(prefix, name) for name in unknown)
        message = f"Received unknown {noun}: {names}"
        raise invalid_parameter(message, code="parameter_unknown", param=_name(prefix, unknown[0]))
    for name in required:
        if name not in form:
            message = f"Missing required param: {_name(prefix, name)}."
            raise invalid_parameter(message, code="parameter_missing", param=_name(prefix, name))
    return {name: spec[name](value, _name(prefix, name)) for name, value in form.items()}


def integer(minimum: int = 0, maximum: int = 10**18) -> Parser:
    """Accept a whole number."""

    def parser(value: str | Form, param: str) -> int:
        raw = _scalar(value, param)
        if not INTEGER.fullmatch(raw):
            message = f"Invalid integer: {raw}"
            raise invalid_parameter(message, code="parameter_invalid_integer", param=param)
        if int(raw) < minimum:
            message = f"This value must be greater than or equal to {minimum}."
            raise invalid_parameter(message, code="parameter_invalid_integer", param=param)
        if int(raw) > maximum:
            message = f"This value must be less than or equal to {maximum}."
            raise invalid_parameter(message, code="parameter_invalid_integer", param=param)
        return int(raw)

    return parser


def text(maximum: int = 5000) -> Parser:
    """Accept a string that may not be empty."""

    def parser(value: str | Form, param: str) -> str:
        return _bounded(_scalar(value, param), param, maximum)

    return parser


def clearable(inner: Parser) -> Parser:
    """Accept an empty string as "unset it" besides what ``inner`` accepts."""

    def parser(value: str | Form, param: str) -> object:
        return None if value == "" else inner(value, param)

    return parser


def boolean() -> Parser:
    """Accept ``true`` or ``false``."""

    def parser(value: str | Form, param: str) -> bool:
        raw = _scalar(value, param)
        if raw not in {"true", "false"}:
            message = f"Invalid boolean: {raw}"
            raise invalid_parameter(message, param=param)
        return raw == "true"

    return parser


def one_of(*choices: str) -> Parser:
    """Accept one of the given words."""

    def parser(value: str | Form, param: str) -> str:
        raw = _scalar(value, param)
        if raw not in choices:
            listed = choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])}, or {choices[-1]}"
            message = f"Invalid {param}: must be one of {listed}"
            raise invalid_parameter(message, param=param)
        return raw

    return parser


def email() -> Parser:
    """Accept something that looks like an e-mail address."""

    def parser(value: str | Form, param: str) -> str:
        raw = _scalar(value, param)
        if not EMAIL.fullmatch(raw):
            message = f"Invalid email address: {raw}"
            raise invalid_parameter(message, code="email_invalid", param=param)
        return raw

    return parser


def descriptor_suffix() -> Parser:
    """Accept what may stand on a card statement after the shop's own name."""

    def parser(value: str | Form, param: str) -> str:
        raw = _bounded(_scalar(value, param), param, 22)
        if re.search(r"[<>\\'\"*]", raw) or not re.search(r"[A-Za-z]", raw):
            message = "The statement descriptor suffix must hold at least one letter and none of < > \\ ' \" *."
            raise invalid_parameter(message, param=param)
        return raw

    return parser


def list_of(inner: Parser) -> Parser:
    """Accept a list."""

    def parser(value: str | Form, param: str) -> list[object]:
        if isinstance(value, str):
            message = f"Invalid array: {param} must be a list."
            raise invalid_parameter(message, param=param)
        return [inner(item, f"{param}[{index}]") for index, item in value.items()]

    return parser


def nested(spec: Spec, *, required: tuple[str, ...] = ()) -> Parser:
    """Accept an object with exactly these parameters."""

    def parser(value: str | Form, param: str) -> dict[str, Any]:
        if isinstance(value, str):
            message = "Invalid object"
            raise invalid_parameter(message, param=param)
        return parse(spec, value, required=required, prefix=param)

    return parser


def opaque() -> Parser:
    """Accept any tree as it is."""

    def parser(value: str | Form, _param: str) -> str | Form:
        return value

    return parser


def unsupported() -> Parser:
    """Refuse a parameter that Stripe knows and the local Stripe does not, instead of ignoring it."""

    def parser(_value: str | Form, param: str) -> object:
        message = f"The local Stripe does not support the parameter '{param}'."
        raise invalid_parameter(message, code="parameter_unknown", param=param)

    return parser


def metadata() -> Parser:
    """Accept key-value pairs within Stripe's limits; an empty value removes its key, an empty string them all."""

    def parser(value: str | Form, param: str) -> dict[str, str] | None:
        if value == "":
            return None
        if isinstance(value, str):
            message = "Invalid object"
            raise invalid_parameter(message, param=param)
        if len(value) > METADATA_KEYS:
            message = f"Metadata can have up to {METADATA_KEYS} keys."
            raise invalid_parameter(message, param=param)
        for key, item in value.items():
            if len(key) > METADATA_KEY_LENGTH:
                message = f"Metadata keys must be at most {METADATA_KEY_LENGTH} characters: {key[:60]}"
                raise invalid_parameter(message, param=param)
            _bounded(_scalar(item, f"{param}[{key}]", empty=True), f"{param}[{key}]", METADATA_VALUE_LENGTH)
        return {key: str(item) for key, item in value.items()}

    return parser


def merged_metadata(stored: dict[str, str], sent: dict[str, str] | None) -> dict[str, str]:
    """Give the metadata after an update."""
    if sent is None:
        return {}
    return {key: value for key, value in (stored | sent).items() if value != ""}


def time_range() -> Parser:
    """Accept an instant, or bounds as ``{"gt", "gte", "lt", "lte"}``; the result is always bounds."""
    bounds = nested(dict.fromkeys(("gt", "gte", "lt", "lte"), integer()))
    instant = integer()

    def parser(value: str | Form, param: str) -> object:
        if isinstance(value, str):
            at = instant(value, param)
            return {"gte": at, "lte": at}
        return bounds(value, param)

    return parser


EXPAND: Spec = {"expand": list_of(text(300))}
PAGE: Spec = {
    **EXPAND,
    "limit": integer(1, MAX_PAGE),
    "starting_after": text(),
    "ending_before": text(),
    "created": time_range(),
}
ADDRESS: Spec = dict.fromkeys(
    ("city", "country", "line1", "line2", "postal_code", "state"),
    clearable(text()),
)
SHIPPING = nested(
    {
        "address": nested(ADDRESS),
        "name": text(),
        "carrier": clearable(text()),
        "phone": clearable(text()),
        "tracking_number": clearable(text()),
    },
    required=("address", "name"),
)


def _name(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _scalar(value: str | Form, param: str, *, empty: bool = False) -> str:
    if not isinstance(value, str):
        message = f"Invalid string: {param} must not be an object."
        raise invalid_parameter(message, param=param)
    if value == "" and not empty:
        raise _empty(param)
    return value


def _bounded(value: str, param: str, maximum: int) -> str:
    if len(value) > maximum:
        message = (
            f"Invalid string: {value[:10]}...{value[-4:]}; must be at most {maximum} characters. Your value is "
            f"{len(value)} characters long. In general we limit most of our string lengths to at most 5000 characters."
        )
        raise invalid_parameter(message, param=param)
    return value


def _empty(param: str) -> StripeError:
    message = (
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
    )
    return invalid_parameter(message, code="parameter_invalid_empty", param=param)
