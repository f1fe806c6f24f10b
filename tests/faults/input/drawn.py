"""Requests that schemathesis makes from the API's document, aimed at things that exist."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from requests import PreparedRequest
from requests import Request as Unprepared
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    CheckFunction,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
)
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation

# The one part of schemathesis that has no public door: its requests at each bound, without its own test runner.
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.overrides import Override

from local.options import ROOT
from tests.faults.input.front import Answer, Request
from tests.faults.input.target import Target

type Drawn = Case[Any]
"""A request as schemathesis made it."""

ORIGIN = "http://shop.inside"
REFUSED_OTHERWISE = ("400", "401", "403", "404", "409", "412", "413", "415", "422", "429")
"""What a request gets whose data is against the document; some of it is looked at before the data."""

REAL: Mapping[str, tuple[Any, ...]] = {
    "currency": ("USD", "EUR", "JPY", "KWD", "XXX"),
    "country": ("US", "DE", "IS", "AQ"),
    "email": ("ada@example.com", "ADA+1@Example.COM"),
    "location": ("main",),
    "shipping_method": ("standard",),
}
"""Fields that few random values fit, with values that do."""

CHECKS: tuple[CheckFunction, ...] = (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
)


@cache
def _schema() -> Any:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    schema = schemathesis.openapi.from_dict(document)
    schema.config.phases.coverage.unexpected_methods = set()
    schema.config.checks.negative_data_rejection.expected_statuses = list(REFUSED_OTHERWISE)
    schema.config.phases.coverage.generate_duplicate_query_parameters = True
    return schema


@cache
def _operation(operation_id: str) -> Any:
    return _schema().find_operation_by_id(operation_id)


def query_names(operation_id: str) -> list[str]:
    """Return the parameters that an operation reads from its query."""
    return [parameter.name for parameter in _operation(operation_id).query]


def at_each_bound(operation_id: str) -> Iterator[Drawn]:
    """Return the requests that keep, touch and pass each bound of the document, one at a time."""
    yield from CoverageGenerator(
        operation=_operation(operation_id),
        generation_modes=list(GenerationMode),
        generation_config=_schema().config.generation,
        auth_storage=None,
        override=Override(),
        feedback=FeedbackSources(),
    )


def at_random(operation_id: str, mode: GenerationMode, *, most: int, seed: int) -> list[Drawn]:
    """Draw requests that the document allows (positive), or that it forbids (negative; not all can be wrong)."""
    drawn: list[Drawn] = []

    @seeded(seed)
    @settings(
        max_examples=most,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(_operation(operation_id).as_strategy(generation_mode=mode))
    def draw(case: Drawn) -> None:
        drawn.append(case)

    try:
        draw()
    except Unsatisfiable:
        return []
    return drawn


def fire(case: Drawn, target: Target) -> None:
    """Send a request, and hold its answer to the document too."""
    aim(case, target)
    prepared = Unprepared(**case.as_transport_kwargs(base_url=ORIGIN)).prepare()
    request = _on_the_wire(prepared)
    phase = case.meta.phase.data if case.meta else None
    what = getattr(phase, "description", None) or "drawn at random"
    answer = target.hit(request, what=what)
    for wrong in _undocumented(case, prepared, answer):
        target.blame(wrong, what, request, answer)


def aim(case: Drawn, target: Target) -> None:
    """Let most requests be about things that exist. What is wrong on purpose stays wrong."""
    chance = target.chance
    wrong = {place for place, part in case.meta.components.items() if part.mode.is_negative} if case.meta else set()
    if ParameterLocation.PATH not in wrong and chance.random() < 0.9:
        case.path_parameters.update(target.values)
    if ParameterLocation.HEADER not in wrong:
        _drop(case.headers, "If-Match", share=0.7, chance=chance)
        case.headers.update({name: value for name, value in target.headers.items() if chance.random() < 0.95})
    if ParameterLocation.QUERY not in wrong:
        _drop(case.query, "cursor", share=0.8, chance=chance)
        case.query = _real(case.query, chance)
    if ParameterLocation.BODY not in wrong and isinstance(case.body, dict):
        own = target.body if isinstance(target.body, dict) else {}
        kept = {name: value for name, value in own.items() if chance.random() < 0.5}
        case.body = _real(case.body, chance) | kept


def _drop(named: Any, name: str, *, share: float, chance: Random) -> None:
    if named and name in named and chance.random() < share:
        del named[name]


def _real(value: Any, chance: Random) -> Any:
    """Return a value in which most fields that are hard to guess hold what exists."""
    if isinstance(value, dict):
        return {
            name: chance.choice(REAL[name]) if name in REAL and part and chance.random() < 0.8 else _real(part, chance)
            for name, part in value.items()
        }
    return [_real(part, chance) for part in value] if isinstance(value, list) else value


def _on_the_wire(prepared: PreparedRequest) -> Request:
    headers = tuple(
        (name, value if isinstance(value, str) else value.decode("latin-1")) for name, value in prepared.headers.items()
    )
    body: Any = prepared.body or b""
    target = (prepared.url or "").removeprefix(ORIGIN)
    return Request(prepared.method or "", target, headers, body.encode() if isinstance(body, str) else body)


def _undocumented(case: Drawn, prepared: PreparedRequest, answer: Answer) -> list[str]:
    response = schemathesis.Response(
        status_code=answer.status,
        headers={name: list(values) for name, values in answer.headers.items()},
        content=answer.body,
        request=prepared,
        elapsed=0.0,
        verify=False,
    )
    try:
        case.validate_response(response, checks=list(CHECKS))
    except FailureGroup as group:
        return [f"{failure.title}: {failure.message}" for failure in group.exceptions]
    return []
