"""HTTP through the running gateway: events, authorizers, CORS, limits and errors of the gateway itself."""

import socket

import pytest

from tests.functional.local.conftest import Toy

pytestmark = pytest.mark.java

STAFF = {"authorization": "Bearer sesame"}


class TestRequests:
    def test_a_function_gets_a_v2_event(self, toy: Toy) -> None:
        answer = toy.web.post(
            "/v1/echo/a/b%20c?x=1&x=2",
            json={"é": 1},
            headers=[("x-many", "1"), ("x-many", "2"), ("cookie", "one=1; two=2")],
        )

        event = answer.json()
        assert answer.status_code == 200
        assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]
        assert answer.headers["apigw-requestid"] == event["requestContext"]["requestId"]
        assert event["routeKey"] == "ANY /v1/echo/{proxy+}"
        assert event["rawPath"] == "/v1/echo/a/b c"
        assert event["pathParameters"] == {"proxy": "a/b c"}
        assert event["queryStringParameters"] == {"x": "1,2"}
        assert event["headers"]["x-many"] == "1,2"
        assert event["cookies"] == ["one=1", "two=2"]
        assert event["body"] == '{"é":1}'
        assert event["isBase64Encoded"] is False

    def test_an_answer_without_status_is_inferred(self, toy: Toy) -> None:
        answer = toy.web.get("/v1/echo/inferred")

        assert answer.json() == {"inferred": True}
        assert answer.headers["content-type"] == "application/json"

    def test_an_unknown_path_is_the_gateways_own_404(self, toy: Toy) -> None:
        answer = toy.web.get("/v1/nowhere")

        assert (answer.status_code, answer.text) == (404, '{"message":"Not Found"}')

    def test_a_request_that_breaks_off_is_not_carried_out(self, toy: Toy) -> None:
        head = (
            b"PUT /v1/things/broken HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"
        )
        with socket.create_connection((toy.web.base_url.host, toy.web.base_url.port)) as line:
            line.sendall(head + b'{"size": 1}')
            line.shutdown(socket.SHUT_WR)
            while line.recv(1024):
                pass
        toy.put("next")
        toy.drain()

        assert [item for item in toy.items("/tables/ThingsTable") if "broken" in str(item)] == []

    def test_a_default_route_takes_what_no_other_takes(self, toy: Toy) -> None:
        answer = toy.web.get("/v1/admin/nowhere", headers=STAFF)

        assert answer.status_code == 404
        assert answer.json()["routeKey"] == "$default"


class TestAuthorizer:
    def test_refuses_without_the_header_and_without_asking(self, toy: Toy) -> None:
        answer = toy.web.get("/v1/admin/who")

        assert (answer.status_code, answer.text) == (401, '{"message":"Unauthorized"}')

    def test_refuses_what_the_function_refuses(self, toy: Toy) -> None:
        answer = toy.web.get("/v1/admin/who", headers={"authorization": "Bearer wrong"})

        assert (answer.status_code, answer.text) == (403, '{"message":"Forbidden"}')

    def test_hands_the_context_to_the_function_and_caches_the_decision(self, toy: Toy) -> None:
        first = toy.web.get("/v1/admin/who", headers=STAFF).json()
        again = toy.web.get("/v1/admin/who", headers=STAFF).json()
        toy.tick(61)
        later = toy.web.get("/v1/admin/who", headers=STAFF).json()

        assert first["authorizer"]["lambda"]["staff_id"] == "staff_1"
        assert again == first
        assert later["authorizer"]["lambda"]["calls"] > first["authorizer"]["lambda"]["calls"]

    def test_a_broken_authorizer_is_a_500(self, toy: Toy) -> None:
        answer = toy.web.get("/v1/admin/who", headers={"authorization": "Bearer raise"})

        assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')

    def test_a_route_may_be_open(self, toy: Toy) -> None:
        assert toy.web.get("/v1/admin/open").json()["authorizer"] is None


class TestCors:
    def test_the_gateway_answers_preflights(self, toy: Toy) -> None:
        answer = toy.web.options(
            "/v1/things/a",
            headers={"origin": "https://shop.example", "access-control-request-method": "PUT"},
        )

        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert answer.headers["access-control-allow-methods"] == "GET,PUT,POST"

    def test_answers_carry_the_headers_only_for_allowed_origins(self, toy: Toy) -> None:
        allowed = toy.web.get("/v1/nowhere", headers={"origin": "https://other.example"})
        foreign = toy.web.get("/v1/nowhere", headers={"origin": "https://evil.example"})

        assert allowed.headers["access-control-allow-origin"] == "https://other.example"
        assert allowed.headers["access-control-expose-headers"] == "etag"
        assert "access-control-allow-origin" not in foreign.headers


class TestLimits:
    def test_throttles_a_route(self, toy: Toy) -> None:
        answers = [toy.web.get("/v1/limited") for _ in range(4)]

        assert [answer.status_code for answer in answers[:2]] == [404, 404]
        assert (answers[-1].status_code, answers[-1].text) == (429, '{"message":"Too Many Requests"}')

    @pytest.mark.parametrize("size", [7 * 1024 * 1024, 11 * 1024 * 1024])
    def test_refuses_a_large_body(self, toy: Toy, size: int) -> None:
        answer = toy.web.post("/v1/echo/large", content=b"x" * size, headers={"content-type": "text/plain"})

        assert (answer.status_code, answer.text) == (413, '{"message":"Request Too Long"}')

    def test_refuses_large_headers(self, toy: Toy) -> None:
        answer = toy.web.get("/v1/echo/a", headers={"x-large": "x" * 11_000})

        assert answer.status_code == 431


class TestExplorer:
    def test_serves_the_page_and_its_assets(self, toy: Toy) -> None:
        page = toy.web.get("/docs")

        assert page.status_code == 200
        assert "swagger-ui-bundle" in page.text
        assert "http" not in page.text.replace("http://www.w3.org", "").replace('charset="utf-8"', "")
        assert toy.web.get("/docs/swagger-ui.min.css").headers["content-type"].startswith("text/css")
        assert toy.web.get("/docs/../../etc/passwd").status_code == 404
