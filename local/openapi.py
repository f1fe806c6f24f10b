"""The API's document, generated from the handlers.

    python -m local.openapi --write docs/openapi.json
    python -m local.openapi --check docs/openapi.json    # exits with 1 when the file says something else

Powertools describes each handler alone; here the parts become one document that says what the edge does for all.
"""

import argparse
import ast
import importlib
import importlib.util
import json
import re
import sys
import tomllib
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge
from openapi_spec_validator import validate

ROOT = Path(__file__).parents[1]
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /\S+: ")
EXTENSION = "x-tradewind"
PROBLEM = "application/problem+json"
STAFF_KEY = "staffKey"

DESCRIPTION = """\
A headless commerce API that runs in the merchant's own AWS account.

- **Money** is a whole number of minor units with its currency: `{"amount": 1999, "currency": "USD"}`.
- **Lists** answer `items` and `next_cursor`; send the cursor back as `cursor`, with the same query.
- **Errors** are problem documents (RFC 9457) with a stable `code`, one entry per faulty parameter in `errors`, and
  `retryable`. Answers that API Gateway makes itself (401, and sometimes 403, 413, 429, 503) are `{"message": "…"}`.
- **Repeating a write** is safe with an `Idempotency-Key`: the first answer comes again.
- **Versions**: what can change has an `ETag`; send it as `If-Match` to change only what you saw.
- A cart's id and an order's token open that cart and that order: treat them as secrets.
"""

PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": (
            "A name of your own for this request, best a random UUID. Repeated with the same body within 48 hours it "
            "gives the first answer again; with another body it is refused (422); while the first is at work, 409."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` that you read: change this version and no other, or get a 412.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,15}")$', "examples": ['"3"']},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the answer that you have: while it is the same you get a 304 without a body.",
        "schema": {"type": "string"},
    },
}
HEADERS: dict[str, Any] = {
    "CacheControl": {"description": "How long you may keep the answer.", "schema": {"type": "string"}},
    "ETag": {"description": "The version, to be sent as `If-Match`.", "schema": {"type": "string"}},
    "ETagOfAnswer": {
        "description": "Of this answer; send it as `If-None-Match` when you ask again.",
        "schema": {"type": "string"},
    },
    "IdempotentReplayed": {
        "description": "`true` when this Idempotency-Key had its effect before, and the answer is rendered again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RequestId": {"description": "Quote it to support.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait before repeating the request.", "schema": {"type": "string"}},
}
GATEWAY_MESSAGE = {
    "title": "GatewayMessage",
    "description": "A refusal that API Gateway makes itself.",
    "type": "object",
    "properties": {"message": {"type": "string", "title": "Message"}},
}
REFUSALS: dict[str, tuple[str, str]] = {
    "400": ("Malformed", "The request cannot be read."),
    "401": ("Unauthorized", "The staff key is missing."),
    "403": ("Forbidden", "The staff key is not valid, or lacks the scope."),
    "404": ("NotFound", "Nothing there, or not yours."),
    "409": ("Conflict", "It conflicts with the present state."),
    "412": ("StaleVersion", "It was changed since you read it."),
    "413": ("TooLarge", "The body is too large."),
    "415": ("UnsupportedContentType", "The body is not declared as JSON."),
    "422": ("Invalid", "A parameter is not valid."),
    "429": ("LimitReached", "Too many requests of this kind."),
    "500": ("InternalError", "Something went wrong on our side."),
    "503": ("Unavailable", "A part of the store does not answer."),
}
"""The name of each refusal among the components, and what it means."""

MADE_BY_GATEWAY = frozenset({"401", "403", "413", "429", "503"})
MAY_SAY_WHEN = frozenset({"409", "429", "503"})
MOST_LINES = 40


class DocumentError(Exception):
    """The handlers do not make one sound document."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One handler's file and what it says about itself."""

    audience: str
    domain: str
    file: Path
    docstring: str

    def module(self) -> ModuleType:
        """Import the handler, under a name of its own."""
        name = "_".join(self.file.relative_to(ROOT).with_suffix("").parts)
        spec = importlib.util.spec_from_file_location(name, self.file)
        if spec is None or spec.loader is None:
            raise DocumentError(name)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module


def endpoints(folder: Path = ROOT / "functions") -> list[Endpoint]:
    """Return every handler whose first line is a route, in the order of their files."""
    found = []
    for file in sorted(folder.glob("*/*/*.py")):
        docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
        if ROUTE.match(docstring):
            audience, domain = file.relative_to(folder).parts[:2]
            found.append(Endpoint(audience=audience, domain=domain, file=file, docstring=docstring))
    return found


def document() -> dict[str, Any]:
    """Return the whole API's OpenAPI 3.1 document.

    :raises DocumentError: when two handlers mean different things by one name.
    """
    found = endpoints()
    parts = [_part(endpoint) for endpoint in found]
    _check_components(parts)
    merge = OpenAPIMerge(
        title="Tradewind",
        version=tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
        openapi_version="3.1.0",
        description=DESCRIPTION,
        on_conflict="error",
    )
    for part in parts:
        merge.add_schema(part)
    whole: dict[str, Any] = json.loads(json.dumps(merge.get_openapi_schema()))
    refusals = _refusal_components()
    schemas = _used([whole["paths"], refusals], whole["components"]["schemas"] | {"GatewayMessage": GATEWAY_MESSAGE})
    return {
        "openapi": whole["openapi"],
        "info": whole["info"] | {"license": {"name": "MIT", "identifier": "MIT"}},
        "servers": _servers(),
        "tags": [{"name": domain, "description": _about(domain)} for domain in sorted({end.domain for end in found})],
        "paths": {path: dict(sorted(item.items())) for path, item in sorted(whole["paths"].items())},
        "components": {
            "headers": HEADERS,
            "parameters": PARAMETERS,
            "responses": refusals,
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                STAFF_KEY: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "twsk_<id>_<secret>",
                    "description": "A staff key, made by the deploy, the command line or `POST /v1/admin/staff-keys`.",
                }
            },
        },
    }


def _servers() -> list[dict[str, Any]]:
    host = {"default": "shop.example.com", "description": "The store's own domain, or its CloudFront domain."}
    return [
        {"url": "https://{host}", "description": "A deployed store", "variables": {"host": host}},
        {"url": "http://127.0.0.1:8000", "description": "A store on this machine (`make run`)"},
    ]


def _about(domain: str) -> str:
    """Return what a domain's package says of itself."""
    try:
        text = importlib.import_module(f"commerce.{domain}").__doc__ or ""
    except ModuleNotFoundError:
        text = {"webhooks": "Webhooks: what Stripe tells the store."}.get(domain, "")
    line = text.strip().partition("\n")[0]
    about = line.partition(": ")[2] or line
    return about[:1].upper() + about[1:]


def _part(endpoint: Endpoint) -> dict[str, Any]:
    """Return one handler's document, as Powertools makes it and with what the edge adds."""
    module = endpoint.module()
    part: dict[str, Any] = module.api.app.get_openapi_schema().model_dump(mode="json", by_alias=True, exclude_none=True)
    for item in part["paths"].values():
        for method, operation in item.items():
            _describe(operation, endpoint=endpoint, method=method, module=module, schemas=_schemas(part))
    return part


def _schemas(part: Mapping[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = part.get("components", {}).get("schemas", {})
    return schemas


def _describe(
    operation: dict[str, Any],
    *,
    endpoint: Endpoint,
    method: str,
    module: ModuleType,
    schemas: Mapping[str, Any],
) -> None:
    known = operation.pop(EXTENSION)
    name = operation["operationId"]
    summary, _, rest = endpoint.docstring.partition("\n")
    sentence = summary.partition(": ")[2].rstrip(".")
    operation["summary"] = sentence[:1].upper() + sentence[1:]
    operation["operationId"] = f"admin_{name}" if endpoint.audience == "admin" else name
    operation["tags"] = [endpoint.domain]
    needs = f"Needs the scope `{known['scope']}`." if known["scope"] else ""
    operation["description"] = "\n\n".join(part for part in (" ".join(rest.split()), needs) if part)
    if not operation["description"]:
        del operation["description"]
    operation["security"] = [{STAFF_KEY: []}] if known["scope"] else []
    if "requestBody" in operation:
        media = operation["requestBody"]["content"]["application/json"]
        media["schema"] = _never_null(media["schema"])
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        parameter["schema"] = _never_null(parameter["schema"])
    if known["write"]:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if known["if_match"]:
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    if known["shared"]:
        parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})
    if not parameters:
        del operation["parameters"]
    # A webhook's body is read as it came, and so it is not described.
    reads_body = "requestBody" in operation or (method == "post" and not known["write"])
    unlikely = _unlikely(operation, known, write=method != "get", reads_body=reads_body)
    answer = typing.get_type_hints(getattr(module, name), include_extras=False).get("return")
    operation["responses"] = _responses(
        operation, known, unlikely, may_exist=hasattr(answer, "existed"), schemas=schemas
    )


def _never_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of what may be left out. Python calls that None; on the wire there is no null to send."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == len(schema.get("anyOf", ())):
        return dict(schema)
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if len(choices) > 1:
        return {"anyOf": choices, **rest}
    [choice] = choices
    return choice if "$ref" in choice else {**choice, **rest}


def _unlikely(operation: Mapping[str, Any], known: Mapping[str, Any], *, write: bool, reads_body: bool) -> set[str]:
    """Return the refusals that this operation cannot give."""
    unlikely = set()
    if not reads_body:
        unlikely |= {"400", "413", "415"}
    if not write:
        unlikely |= {"409"}
    if not known["if_match"]:
        unlikely |= {"412"}
    if not known["may_miss"]:
        unlikely |= {"404"}
    if not operation["security"]:
        unlikely |= {"403"}
    return unlikely


def _responses(
    operation: Mapping[str, Any],
    known: Mapping[str, Any],
    unlikely: set[str],
    *,
    may_exist: bool,
    schemas: Mapping[str, Any],
) -> dict[str, Any]:
    refusals = (REFUSALS.keys() if known["scope"] else REFUSALS.keys() - {"401"}) - unlikely
    found: dict[str, Any] = {status: {"$ref": f"#/components/responses/{REFUSALS[status][0]}"} for status in refusals}
    for status, response in operation["responses"].items():
        if status not in REFUSALS:
            found[status] = _success(status, response, known, schemas)
    if known["shared"]:
        found["304"] = {"description": "You have this answer.", "headers": _headers_of_shared()}
    if may_exist and "201" in found:
        found["200"] = found["201"] | {"description": "It was made before; here it is."}
    return dict(sorted(found.items()))


def _refusal_components() -> dict[str, Any]:
    """Return the refusals, each described once."""
    found: dict[str, Any] = {}
    for status, (name, description) in REFUSALS.items():
        content: dict[str, Any] = {}
        headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
        if status != "401":
            content[PROBLEM] = {"schema": {"$ref": "#/components/schemas/Problem"}}
        if status in MADE_BY_GATEWAY:
            content["application/json"] = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}
        if status in MAY_SAY_WHEN:
            headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
        found[name] = {"description": description, "headers": headers, "content": content}
    return found


def _success(
    status: str, response: dict[str, Any], known: Mapping[str, Any], schemas: Mapping[str, Any]
) -> dict[str, Any]:
    success = response | {"description": "Made." if status == "201" else "Done." if known["write"] else "The answer."}
    headers = success.setdefault("headers", {})
    headers["X-Request-Id"] = {"$ref": "#/components/headers/RequestId"}
    schema = success.get("content", {}).get("application/json", {}).get("schema", {})
    answer = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    if answer.get("properties", {}).get("version", {}).get("type") == "integer":
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    if known["shared"]:
        headers |= _headers_of_shared()
    if known["write"]:
        headers["Idempotent-Replayed"] = {"$ref": "#/components/headers/IdempotentReplayed"}
    return success


def _headers_of_shared() -> dict[str, Any]:
    names = {"Cache-Control": "CacheControl", "ETag": "ETagOfAnswer", "X-Request-Id": "RequestId"}
    return {name: {"$ref": f"#/components/headers/{header}"} for name, header in names.items()}


def _check_components(parts: Sequence[Mapping[str, Any]]) -> None:
    """Refuse two different schemas of one name, which a merge would silently make one."""
    known: dict[str, Any] = {}
    for part in parts:
        for name, schema in _schemas(part).items():
            if known.setdefault(name, schema) != schema:
                message = f"Two handlers mean different things by the schema '{name}'; rename one of the models."
                raise DocumentError(message)


def _used(paths: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas that the paths lead to."""
    used: dict[str, Any] = {}
    waiting = list(_references(paths))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = schemas[name]
            waiting.extend(_references(schemas[name]))
    return used


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def differences(before: Any, after: Any, at: str = "") -> list[str]:
    """Return where two documents differ, one line each, in a form that a person can act on."""
    if isinstance(before, dict) and isinstance(after, dict):
        lines = []
        for key in sorted(before.keys() | after.keys()):
            place = f"{at} > {key}" if at else str(key)
            if key not in after:
                lines.append(f"- {place}")
            elif key not in before:
                lines.append(f"+ {place}")
            else:
                lines.extend(differences(before[key], after[key], place))
        return lines
    return [] if before == after else [f"~ {at}"]


def text(value: Mapping[str, Any]) -> str:
    """Return a document as it is committed."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the document, or compare it with the one that is committed."""
    parser = argparse.ArgumentParser(prog="python -m local.openapi", description=__doc__.partition("\n")[0])
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", type=Path, metavar="PATH")
    action.add_argument("--check", type=Path, metavar="PATH")
    options = parser.parse_args(arguments)
    found = document()
    validate(found)
    if options.write:
        options.write.write_text(text(found))
        print(f"{options.write}: {sum(map(len, found['paths'].values()))} operations")
        return 0
    committed = options.check.read_text() if options.check.exists() else "{}"
    if committed == text(found):
        return 0
    print(f"{options.check} is not what the handlers say; run `make openapi`.")
    lines = differences(json.loads(committed), found) or ["~ order or white space"]
    more = [f"… and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    print(*lines[:MOST_LINES], *more, sep="\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
