"""Lambda authorizers: identity source, simple responses, and decisions cached over all routes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.gateway.events import HttpRequest, RequestSource, authorizer_event
from local.gateway.responses import FORBIDDEN, INTERNAL, UNAUTHORIZED, HttpResponse
from local.gateway.routing import Match
from local.workers import Invocation

type Invoke = Callable[[str, Mapping[str, Any]], Awaitable[Invocation]]


@dataclass(frozen=True, slots=True)
class _Decision:
    allowed: bool
    context: Mapping[str, Any]
    until: float


class Authorizers:
    """The authorizers of all APIs. `now` is the store's clock, so that `tick` also ages decisions."""

    def __init__(self, invoke: Invoke, now: Callable[[], float]) -> None:
        self._invoke = invoke
        self._now = now
        self._decisions: dict[tuple[str, str, tuple[str, ...]], _Decision] = {}

    async def admit(
        self, request: HttpRequest, match: Match, source: RequestSource, headers: Mapping[str, str]
    ) -> Mapping[str, Any] | HttpResponse | None:
        """Return the authorizer's context, None for an open route, or the refusal.

        A request without the identity source is refused without asking the function.
        """
        authorizer = match.route.authorizer
        if authorizer is None:
            return None
        identity = [headers.get(name, "") for name in authorizer.identity_headers]
        if not all(identity):
            return UNAUTHORIZED
        key = (match.api.id, authorizer.name, tuple(identity))
        decision = self._decisions.get(key)
        if decision is None or decision.until <= self._now():
            event = authorizer_event(request, match, source, identity=identity)
            outcome = await self._invoke(authorizer.function, event)
            answer = outcome.result
            if outcome.error or not isinstance(answer, dict) or not isinstance(answer.get("isAuthorized"), bool):
                return INTERNAL
            until = self._now() + authorizer.cache_seconds
            decision = _Decision(answer["isAuthorized"], answer.get("context") or {}, until)
            if authorizer.cache_seconds and identity:
                self._forget_old()
                self._decisions[key] = decision
        return decision.context if decision.allowed else FORBIDDEN

    def _forget_old(self) -> None:
        now = self._now()
        for key in [key for key, decision in self._decisions.items() if decision.until <= now]:
            del self._decisions[key]
