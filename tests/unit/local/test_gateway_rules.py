"""Routing, CORS, throttling, responses and the access log, each by itself."""

import base64
import json
from typing import Any

import pytest

from local.gateway import Router
from local.gateway.access_log import Access, AccessLog, render
from local.gateway.cors import preflight, with_cors
from local.gateway.responses import NOT_FOUND, HttpResponse, from_lambda
from local.gateway.throttle import Throttles
from local.templates import Api, Application, Bucket, Cors


class TestRouting:
    @pytest.mark.parametrize(
        ("method", "path", "key"),
        [
            ("GET", "/v1/things/mine", "GET /v1/things/mine"),
            ("GET", "/v1/things/other", "GET /v1/things/{thing_id}"),
            ("PUT", "/v1/things/mine", "PUT /v1/things/{thing_id}"),
            ("PATCH", "/v1/echo/a/b/c", "ANY /v1/echo/{proxy+}"),
            ("GET", "/v1/admin/who", "GET /v1/admin/who"),
            ("POST", "/v1/admin/unknown", "$default"),
        ],
    )
    def test_takes_the_most_specific_route(self, toy: Application, method: str, path: str, key: str) -> None:
        match = Router(toy).match(method, path)

        assert match
        assert match.route.key == key

    @pytest.mark.parametrize(
        ("method", "path"), [("DELETE", "/v1/things/a"), ("GET", "/v1/things/"), ("GET", "/v1/things/a/"), ("GET", "/")]
    )
    def test_finds_nothing_for_other_requests(self, toy: Application, method: str, path: str) -> None:
        assert Router(toy).match(method, path) is None

    def test_media_leads_to_the_bucket(self, toy: Application) -> None:
        assert isinstance(Router(toy).destination("/media/a.png"), Bucket)

    def test_behaviors_are_tried_in_order(self, toy: Application) -> None:
        admin = Router(toy).destination("/v1/admin/x")
        store = Router(toy).destination("/v1/anything")

        assert isinstance(admin, Api)
        assert isinstance(store, Api)
        assert (admin.stack, store.stack) == ("Admin", "Web")


class TestCors:
    CORS = Cors(
        allow_origins=("https://shop.example",),
        allow_methods=("GET", "POST"),
        allow_headers=("content-type",),
        expose_headers=("etag",),
        max_age=600,
    )

    def ask(self, cors: Cors | None, origin: str, **headers: str) -> HttpResponse | None:
        asked = {"origin": origin, "access-control-request-method": "POST"} | headers
        return preflight(cors, method="OPTIONS", headers=asked)

    def test_answers_a_preflight(self) -> None:
        answer = self.ask(self.CORS, "https://shop.example")

        assert answer
        assert answer.status == 204
        assert dict(answer.headers) == {
            "access-control-allow-origin": "https://shop.example",
            "access-control-allow-methods": "GET,POST",
            "access-control-allow-headers": "content-type",
            "access-control-max-age": "600",
            "vary": "Origin",
        }

    def test_gives_a_foreign_origin_no_permission(self) -> None:
        answer = self.ask(self.CORS, "https://evil.example")

        assert answer
        assert answer.status == 204
        assert answer.headers == ()

    def test_leaves_other_requests_alone(self) -> None:
        assert preflight(self.CORS, method="OPTIONS", headers={"origin": "https://shop.example"}) is None
        assert self.ask(None, "https://shop.example") is None

    def test_replaces_what_a_function_says(self) -> None:
        given = HttpResponse(200, (("access-control-allow-origin", "https://evil.example"),), b"")

        answer = with_cors(self.CORS, given, origin="https://shop.example")

        assert ("access-control-allow-origin", "https://shop.example") in answer.headers
        assert ("access-control-expose-headers", "etag") in answer.headers
        assert ("access-control-allow-origin", "https://evil.example") not in answer.headers

    def test_a_star_admits_everyone(self) -> None:
        answer = with_cors(Cors(allow_origins=("*",)), NOT_FOUND, origin="https://any.example")

        assert ("access-control-allow-origin", "*") in answer.headers


class TestThrottles:
    def test_admits_a_burst_and_then_the_rate(self, toy: Application) -> None:
        moment = [0.0]
        throttles = Throttles(now=lambda: moment[0])
        api = next(api for api in toy.apis.values() if api.stack == "Web")
        route = next(route for route in toy.routes if route.path == "/v1/limited")

        burst = [throttles.admits(api, route) for _ in range(3)]
        moment[0] = 1.0
        later = [throttles.admits(api, route) for _ in range(2)]

        assert burst == [True, True, False]
        assert later == [True, False]

    def test_may_be_switched_off(self, toy: Application) -> None:
        throttles = Throttles(enabled=False)
        api = next(api for api in toy.apis.values() if api.stack == "Web")
        route = next(route for route in toy.routes if route.path == "/v1/limited")

        assert all(throttles.admits(api, route) for _ in range(10))


class TestResponses:
    def test_infers_a_response_without_status(self) -> None:
        answer = from_lambda({"message": "hello"})

        assert (answer.status, answer.body) == (200, b'{"message":"hello"}')
        assert answer.headers == (("content-type", "application/json"),)

    def test_reads_a_formatted_response(self) -> None:
        result = {
            "statusCode": "201",
            "headers": {"ETag": "v1", "X-Number": 3, "X-Flag": True, "Connection": "close"},
            "cookies": ["a=1", "b=2"],
            "body": "é",
        }

        answer = from_lambda(result)

        assert answer.status == 201
        assert answer.headers == (
            ("etag", "v1"),
            ("x-number", "3"),
            ("x-flag", "true"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("content-type", "text/plain;charset=UTF-8"),
        )
        assert answer.body == "é".encode()

    def test_decodes_base64(self) -> None:
        body = base64.b64encode(b"\x00\x01").decode()

        answer = from_lambda({"statusCode": 200, "body": body, "isBase64Encoded": True})

        assert answer.body == b"\x00\x01"

    def test_remaps_what_clients_may_not_see(self) -> None:
        answer = from_lambda({"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": ""})

        assert ("x-amzn-remapped-www-authenticate", "Bearer") in answer.headers

    @pytest.mark.parametrize(
        "result",
        [
            {"statusCode": "many"},
            {"statusCode": 99},
            {"statusCode": 200, "body": {"a": 1}},
            {"statusCode": 200, "headers": ["a"]},
            {"statusCode": 200, "headers": {"a": ["b"]}},
            {"statusCode": 200, "headers": {"a": "b\r\nc"}},
            {"statusCode": 200, "cookies": "a=1"},
            {"statusCode": 200, "body": "%", "isBase64Encoded": True},
        ],
    )
    def test_a_malformed_answer_is_a_plain_500(self, result: dict[str, Any]) -> None:
        answer = from_lambda(result)

        assert (answer.status, answer.body) == (500, b'{"message":"Internal Server Error"}')


class TestAccessLog:
    ACCESS = Access(
        time=0.0,
        request_id="id",
        method="GET",
        route_key="GET /v1/carts/{cart_id}",
        status=200,
        seconds=0.0123,
        source_ip="192.0.2.1",
        response_bytes=7,
        error="",
    )

    def test_fills_the_variables_of_the_format(self) -> None:
        line = render('{"id":"$context.requestId","x":"$context.authorizer.error"}', {"requestId": "id"})

        assert json.loads(line) == {"id": "id", "x": "-"}

    def test_uses_the_format_of_the_template(self, toy: Application) -> None:
        lines: list[str] = []
        api = next(iter(toy.apis.values()))

        AccessLog(lines.append).record(self.ACCESS, api, None, NOT_FOUND)

        assert json.loads(lines[0])["route"] == "GET /v1/carts/{cart_id}"
        assert "path" not in json.loads(lines[0])
