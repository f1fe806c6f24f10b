"""The v2 event: what AWS documents, field by field."""

import base64
from typing import Any

import pytest

from local.gateway import HttpRequest, RequestSource, Router, http_event
from local.gateway.events import authorizer_event
from local.gateway.routing import decode_path
from local.templates import Application

# 12 March 2020 19:03:58 UTC, the moment of AWS's own example.
MOMENT = 1583348638.39


def event(
    toy: Application,
    method: str = "GET",
    path: str = "/v1/echo/a",
    *,
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    behind_distribution: bool = False,
    authorizer: dict[str, Any] | None = None,
) -> dict[str, Any]:
    match = Router(toy).match(method, path)
    assert match
    source = RequestSource(
        ip="192.0.2.1", time=MOMENT, request_id="JKJaXmPLvHcESHA=", behind_distribution=behind_distribution
    )
    return http_event(HttpRequest(method, path, query, headers, body), match, source, authorizer=authorizer)


class TestShape:
    def test_carries_the_documented_request_context(self, toy: Application) -> None:
        made = event(toy, headers=(("User-Agent", "agent"),))

        context = made["requestContext"]
        assert made["version"] == "2.0"
        assert made["routeKey"] == context["routeKey"] == "ANY /v1/echo/{proxy+}"
        assert context["stage"] == "$default"
        assert context["requestId"] == "JKJaXmPLvHcESHA="
        assert context["time"] == "04/Mar/2020:19:03:58 +0000"
        assert context["timeEpoch"] == 1583348638390
        assert context["http"] == {
            "method": "GET",
            "path": "/v1/echo/a",
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "agent",
        }
        assert context["domainName"] == made["headers"]["host"]
        assert context["domainName"] == f"{context['apiId']}.execute-api.us-east-1.amazonaws.com"

    def test_leaves_out_what_is_not_there(self, toy: Application) -> None:
        made = event(toy, path="/v1/things/mine")

        assert made.keys().isdisjoint({"cookies", "queryStringParameters", "pathParameters", "body"})
        assert "authorizer" not in made["requestContext"]
        assert made["isBase64Encoded"] is False

    def test_joins_repeated_headers_and_lowers_their_names(self, toy: Application) -> None:
        made = event(toy, headers=(("Header2", "value1"), ("header2", "value2")))

        assert made["headers"]["header2"] == "value1,value2"

    def test_moves_cookies_out_of_the_headers(self, toy: Application) -> None:
        made = event(toy, headers=(("Cookie", "cookie1=a; cookie2=b"),))

        assert made["cookies"] == ["cookie1=a", "cookie2=b"]
        assert "cookie" not in made["headers"]

    def test_joins_repeated_query_parameters_and_keeps_the_raw_query(self, toy: Application) -> None:
        made = event(toy, query="parameter1=value1&parameter1=value2&parameter2=a%20b&empty=")

        assert made["rawQueryString"] == "parameter1=value1&parameter1=value2&parameter2=a%20b&empty="
        assert made["queryStringParameters"] == {"parameter1": "value1,value2", "parameter2": "a b", "empty": ""}

    def test_carries_the_context_of_the_authorizer(self, toy: Application) -> None:
        made = event(toy, authorizer={"staff_id": "staff_1"})

        assert made["requestContext"]["authorizer"] == {"lambda": {"staff_id": "staff_1"}}

    def test_a_distribution_adds_its_hop(self, toy: Application) -> None:
        made = event(toy, headers=(("X-Forwarded-For", "203.0.113.9"),), behind_distribution=True)

        assert made["headers"]["x-forwarded-for"] == "203.0.113.9, 192.0.2.1, 130.176.0.1"
        assert made["requestContext"]["http"]["sourceIp"] == "130.176.0.1"


class TestBodies:
    @pytest.mark.parametrize(
        "content_type",
        ["application/json", "text/plain; charset=utf-8", "application/problem+json", "APPLICATION/JSON"],
    )
    def test_text_is_passed_as_it_is(self, toy: Application, content_type: str) -> None:
        made = event(toy, "POST", headers=(("content-type", content_type),), body=b'{"a": "\xc3\xa9"}')

        assert made["body"] == '{"a": "é"}'
        assert made["isBase64Encoded"] is False
        assert made["headers"]["content-length"] == "11"

    @pytest.mark.parametrize("content_type", ["image/png", "application/x-www-form-urlencoded", ""])
    def test_everything_else_is_base64(self, toy: Application, content_type: str) -> None:
        made = event(toy, "POST", headers=(("content-type", content_type),) if content_type else (), body=b"a=b")

        assert base64.b64decode(made["body"]) == b"a=b"
        assert made["isBase64Encoded"] is True

    def test_bytes_that_are_no_text_survive_whatever_the_type_says(self, toy: Application) -> None:
        made = event(toy, "POST", headers=(("content-type", "application/json"),), body=b"\xff\xfe")

        assert base64.b64decode(made["body"]) == b"\xff\xfe"


class TestPaths:
    def test_decodes_the_path_before_it_routes(self, toy: Application) -> None:
        path = decode_path("/v1/things/caf%C3%A9%20x")

        made = event(toy, path=path)

        assert made["rawPath"] == "/v1/things/café x"
        assert made["pathParameters"] == {"thing_id": "café x"}

    def test_an_encoded_slash_separates_and_an_encoded_question_mark_cuts(self) -> None:
        assert decode_path("/v1/things/a%2Fb") == "/v1/things/a/b"
        assert decode_path("/v1/things/a%3Fb=1") == "/v1/things/a"

    def test_bytes_that_are_no_utf8_do_no_harm(self) -> None:
        assert decode_path("/v1/%ff") == "/v1/�"


class TestAuthorizerEvent:
    def test_carries_the_identity_and_no_body(self, toy: Application) -> None:
        match = Router(toy).match("GET", "/v1/admin/who")
        assert match
        request = HttpRequest("GET", "/v1/admin/who", "", (("authorization", "Bearer k"),), b"secret")
        source = RequestSource(ip="192.0.2.1", time=MOMENT, request_id="id")

        made = authorizer_event(request, match, source, identity=["Bearer k"])

        assert made["type"] == "REQUEST"
        assert made["identitySource"] == ["Bearer k"]
        assert made["routeArn"].endswith("/$default/GET/v1/admin/who")
        assert "body" not in made
