"""HTTP as API Gateway's HTTP APIs speak it, in front of the functions."""

from local.gateway.app import Gateway
from local.gateway.events import HttpRequest, RequestSource, http_event
from local.gateway.routing import Match, Router

__all__ = ["Gateway", "HttpRequest", "Match", "RequestSource", "Router", "http_event"]
