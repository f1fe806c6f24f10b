"""Read HTTP APIs, their routes and authorizers, and the distribution that puts them under one base URL."""

from collections.abc import Iterable, Mapping
from typing import Any

from local.templates.functions import FUNCTION
from local.templates.intrinsics import TemplateError
from local.templates.model import Api, Authorizer, Behavior, Cors, Route, Throttle
from local.templates.names import identify
from local.templates.stack import Resource

_IMPLICIT = "ServerlessHttpApi"


def read_apis(resources: Iterable[Resource]) -> tuple[Api, ...]:
    """Read every `AWS::Serverless::HttpApi`, and the implicit one of a stack whose events name none."""
    everything = tuple(resources)
    apis = [_read_api(resource) for resource in everything if resource.kind == "AWS::Serverless::HttpApi"]
    known = {api.id for api in apis}
    for resource in everything:
        for event in _http_events(resource).values():
            api_id, domain = _api_identity(resource, event)
            if api_id not in known and "ApiId" not in event:
                known.add(api_id)
                apis.append(
                    Api(
                        logical_id=_IMPLICIT,
                        stack=resource.stack.path,
                        id=api_id,
                        domain=domain,
                        cors=None,
                        default_throttle=None,
                        route_throttles={},
                        access_log_format=None,
                        authorizers={},
                    )
                )
    return tuple(apis)


def _read_api(resource: Resource) -> Api:
    properties = resource.properties
    settings = properties.get("DefaultRouteSettings") or {}
    return Api(
        logical_id=resource.logical_id,
        stack=resource.stack.path,
        id=resource.identity.ref,
        domain=resource.identity.attributes["ApiEndpoint"].removeprefix("https://"),
        cors=_read_cors(properties.get("CorsConfiguration")),
        default_throttle=_read_throttle(settings),
        route_throttles={
            key: throttle
            for key, value in (properties.get("RouteSettings") or {}).items()
            if (throttle := _read_throttle(value))
        },
        access_log_format=(properties.get("AccessLogSettings") or {}).get("Format"),
        authorizers={
            name: _read_authorizer(name, body)
            for name, body in ((properties.get("Auth") or {}).get("Authorizers") or {}).items()
        },
    )


def _read_throttle(settings: Mapping[str, Any]) -> Throttle | None:
    if "ThrottlingRateLimit" not in settings:
        return None
    rate = float(settings["ThrottlingRateLimit"])
    return Throttle(rate=rate, burst=int(settings.get("ThrottlingBurstLimit", max(1, int(rate)))))


def _read_cors(value: Any) -> Cors | None:
    if not value:
        return None
    if value is True:
        return Cors(allow_origins=("*",), allow_methods=("*",), allow_headers=("*",))
    return Cors(
        allow_origins=tuple(map(str, value.get("AllowOrigins", ()))),
        allow_methods=tuple(map(str, value.get("AllowMethods", ()))),
        allow_headers=tuple(str(name).lower() for name in value.get("AllowHeaders", ())),
        expose_headers=tuple(map(str, value.get("ExposeHeaders", ()))),
        allow_credentials=str(value.get("AllowCredentials", False)).lower() == "true",
        max_age=int(value["MaxAge"]) if "MaxAge" in value else None,
    )


def _read_authorizer(name: str, body: Mapping[str, Any]) -> Authorizer:
    if "FunctionArn" not in body:
        message = f"authorizer {name}: only Lambda authorizers are supported"
        raise TemplateError(message)
    simple = str(body.get("EnableSimpleResponses", False)).lower() == "true"
    if str(body.get("AuthorizerPayloadFormatVersion")) != "2.0" or not simple:
        message = f"authorizer {name}: only payload 2.0 with simple responses is supported"
        raise TemplateError(message)
    identity = body.get("Identity") or {}
    return Authorizer(
        name=name,
        function=str(body["FunctionArn"]).rpartition(":")[2],
        identity_headers=tuple(str(header).lower() for header in identity.get("Headers", ())),
        cache_seconds=int(identity.get("ReauthorizeEvery", 0)),
    )


def read_routes(resources: Iterable[Resource], apis: Mapping[str, Api]) -> tuple[Route, ...]:
    """Read the routes of all `HttpApi` events; an event without path is the catch-all."""
    everything = tuple(resources)
    default_names = {
        resource.identity.ref: (resource.properties.get("Auth") or {}).get("DefaultAuthorizer")
        for resource in everything
        if resource.kind == "AWS::Serverless::HttpApi"
    }
    routes = []
    for resource in everything:
        for event in _http_events(resource).values():
            api_id, _domain = _api_identity(resource, event)
            chosen = (event.get("Auth") or {}).get("Authorizer", default_names.get(api_id))
            path = str(event.get("Path", "$default"))
            method = str(event.get("Method", "ANY")).upper().replace("X-AMAZON-APIGATEWAY-ANY-METHOD", "ANY")
            routes.append(
                Route(
                    api=api_id,
                    method="ANY" if path == "$default" else method,
                    path=path,
                    function=resource.identity.ref,
                    authorizer=None if chosen in (None, "NONE") else apis[api_id].authorizers[chosen],
                )
            )
    return tuple(routes)


def _http_events(resource: Resource) -> dict[str, Mapping[str, Any]]:
    if resource.kind != FUNCTION:
        return {}
    events = resource.properties.get("Events") or {}
    return {name: event.get("Properties") or {} for name, event in events.items() if event["Type"] == "HttpApi"}


def _api_identity(resource: Resource, event: Mapping[str, Any]) -> tuple[str, str]:
    identity = identify(
        names=resource.stack.names,
        stack=resource.stack.name,
        logical_id=_IMPLICIT,
        kind="AWS::Serverless::HttpApi",
        properties={},
    )
    api_id = str(event.get("ApiId", identity.ref))
    return api_id, f"{api_id}.execute-api.{resource.stack.names.region}.amazonaws.com"


def read_behaviors(resources: Iterable[Resource]) -> tuple[Behavior, ...]:
    """Read the path behaviors of the first CloudFront distribution, in its order, the default one last."""
    for resource in resources:
        if resource.kind == "AWS::CloudFront::Distribution":
            config = resource.properties["DistributionConfig"]
            origins = {origin["Id"]: str(origin["DomainName"]) for origin in config["Origins"]}
            listed = [
                Behavior(str(behavior["PathPattern"]), origins[behavior["TargetOriginId"]])
                for behavior in config.get("CacheBehaviors") or ()
            ]
            default = config["DefaultCacheBehavior"]
            return (*listed, Behavior("*", origins[default["TargetOriginId"]]))
    return ()
