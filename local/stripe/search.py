"""Stripe's search language: clauses on fields, joined by AND or by OR."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from local.stripe.errors import StripeError, invalid_parameter
from local.stripe.ledger import Ledger, Resource
from local.stripe.parameters import DEFAULT_PAGE

TOKEN = re.compile(
    r"""\s*(?:(?P<word>AND|OR)\b
        |(?P<not>-)?(?P<field>[a-z_]+)
         (?:\[(?P<key>"[^"]*"|'[^']*')\])?
         (?P<operator>:|~|<=|>=|<|>)
         (?P<value>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z0-9_.-]+))\s*""",
    re.VERBOSE,
)
NUMBERS = {"amount", "created"}
WORDS = {"currency", "customer", "status", "metadata"}

type Clause = Callable[[Resource], bool]


def search_page(ledger: Ledger, kind: str, *, url: str, params: dict[str, Any]) -> Resource:
    """Answer one page of what matches ``query``."""
    clauses, combine = _parsed(params["query"])
    found = [each for each in ledger.newest(kind) if combine(clause(each) for clause in clauses)]
    limit = params.get("limit", DEFAULT_PAGE)
    start = _offset(params.get("page"))
    following = start + limit
    return {
        "object": "search_result",
        "data": found[start:following],
        "has_more": len(found) > following,
        "next_page": f"offset_{following}" if len(found) > following else None,
        "url": url,
    }


def _parsed(query: str) -> tuple[list[Clause], Callable[[Iterator[bool]], bool]]:
    clauses: list[Clause] = []
    words: set[str] = set()
    position, expects_clause = 0, True
    while position < len(query):
        found = TOKEN.match(query, position)
        if found is None or bool(found["word"]) is expects_clause:
            raise _malformed(why=f"it could not be read from character {position} on")
        if found["word"]:
            words.add(found["word"])
        else:
            clauses.append(_clause(found))
        position, expects_clause = found.end(), bool(found["word"])
    if expects_clause:
        raise _malformed(why="a clause is missing")
    if len(words) > 1:
        raise _malformed(why="AND and OR cannot be mixed in one query")
    return clauses, any if "OR" in words else all


def _clause(found: re.Match[str]) -> Clause:
    field, operator = found["field"], found["operator"]
    value = _unquoted(found["value"])
    if field not in NUMBERS | WORDS or (field == "metadata") != (found["key"] is not None):
        raise _malformed(why=f"the field '{field}' is not searchable that way")
    if field in NUMBERS:
        test = _numeric(field, operator, value)
    elif operator in {":", "~"}:
        test = _textual(field, _unquoted(found["key"] or ""), operator, value)
    else:
        raise _malformed(why=f"'{operator}' does not apply to '{field}'")
    return (lambda resource: not test(resource)) if found["not"] else test


def _numeric(field: str, operator: str, value: str) -> Clause:
    if not value.isdecimal():
        raise _malformed(why=f"'{value}' is not a number")
    number = int(value)
    tests: dict[str, Callable[[int], bool]] = {
        ":": lambda stored: stored == number,
        "<": lambda stored: stored < number,
        ">": lambda stored: stored > number,
        "<=": lambda stored: stored <= number,
        ">=": lambda stored: stored >= number,
    }
    if operator not in tests:
        raise _malformed(why=f"'{operator}' does not apply to '{field}'")
    return lambda resource: tests[operator](resource[field])


def _textual(field: str, key: str, operator: str, value: str) -> Clause:
    wanted = value.casefold()

    def test(resource: Resource) -> bool:
        stored = resource["metadata"].get(key) if key else resource[field]
        if stored is None:
            return False
        return stored.casefold() == wanted if operator == ":" else wanted in stored.casefold()

    return test


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"}:
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    prefix, _, number = cursor.partition("_")
    if prefix != "offset" or not number.isdecimal():
        message = f"Invalid page: '{cursor}' is not a next_page of a search."
        raise invalid_parameter(message, param="page")
    return int(number)


def _malformed(*, why: str) -> StripeError:
    return invalid_parameter(f"We were unable to parse your search query: {why}.", param="query")
