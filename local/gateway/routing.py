"""Find the API and the route of a request, as CloudFront's behaviors and API Gateway do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from local.templates import Api, Application, Behavior, Bucket, Route


@dataclass(frozen=True, slots=True)
class Match:
    """A route with the values of its path parameters."""

    route: Route
    api: Api
    path_parameters: Mapping[str, str]


def decode_path(raw_path: str) -> str:
    """Decode a path as HTTP APIs do before they route: `%2F` becomes a separator, and `%3F` cuts the path off."""
    return unquote(raw_path, errors="replace").partition("?")[0]


class Router:
    """The routes of an application under one base URL."""

    def __init__(self, application: Application) -> None:
        self._apis = application.apis
        self._tables = {api_id: _ApiRoutes(application.routes, api_id) for api_id in application.apis}
        self._behaviors = [(_behavior_pattern(behavior), behavior) for behavior in application.behaviors]
        self._by_domain = {api.domain: api for api in application.apis.values()}
        self._buckets = {bucket.domain: bucket for bucket in application.buckets}

    @property
    def behind_distribution(self) -> bool:
        """Whether a CloudFront distribution stands before the APIs."""
        return bool(self._behaviors)

    def destination(self, path: str, method: str = "GET") -> Api | Bucket | None:
        """Find what serves a path: by the distribution's behaviors, or without one by the best route."""
        for pattern, behavior in self._behaviors:
            if pattern.fullmatch(path):
                return self._by_domain.get(behavior.origin_domain) or self._buckets.get(behavior.origin_domain)
        if self._behaviors:
            return None
        found = [(table.find(method, path), self._apis[api_id]) for api_id, table in self._tables.items()]
        named = [(match, api) for match, api in found if match]
        named.sort(key=lambda entry: entry[0][0].path == "$default")
        return named[0][1] if named else next(iter(self._apis.values()), None)

    def match(self, method: str, path: str) -> Match | None:
        """Find the most specific route of a decoded path."""
        api = self.destination(path, method)
        return self.match_in(api, method, path) if isinstance(api, Api) else None

    def match_in(self, api: Api, method: str, path: str) -> Match | None:
        """Find the most specific route of one API."""
        found = self._tables[api.id].find(method, path)
        return Match(found[0], api, found[1]) if found else None


class _ApiRoutes:
    """One API's routes, the most specific first: static before `{name}` before `{name+}` before `$default`."""

    def __init__(self, routes: tuple[Route, ...], api_id: str) -> None:
        own = sorted((route for route in routes if route.api == api_id), key=_specificity)
        self._patterns = [(_route_pattern(route.path), route) for route in own if route.path != "$default"]
        self._default = next((route for route in own if route.path == "$default"), None)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for pattern, route in self._patterns:
            if route.method in (method, "ANY") and (match := pattern.fullmatch(path)):
                names = re.findall(r"\{([^}+]+)\+?\}", route.path)
                return route, dict(zip(names, match.groups(), strict=True))
        return (self._default, {}) if self._default else None


def _specificity(route: Route) -> tuple[list[int], bool]:
    kinds = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in route.path.split("/")]
    return kinds, route.method == "ANY"


def _route_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    return re.compile(
        "".join(
            re.escape(part) if not part.startswith("{") else "(.+)" if part.endswith("+}") else "([^/]+)"
            for part in parts
        ),
        re.DOTALL,
    )


def _behavior_pattern(behavior: Behavior) -> re.Pattern[str]:
    pattern = behavior.pattern if behavior.pattern.startswith(("/", "*")) else f"/{behavior.pattern}"
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.DOTALL)
