"""The edge of every endpoint: answers, problems, bodies, parameters, scopes and versions."""

import base64
import json
from typing import Any

import pytest

from commerce.entrypoints.http import LARGEST_BODY_BYTES
from commerce.kernel.errors import Conflict, Fault, LimitReached
from tests.support.logs import logged
from tests.support.store import Answer, Store
from tests.unit.edge.toys import TOY, Workshop, faults, send


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


class TestAnswer:
    def test_is_json_with_a_request_id(self, store: Store, workshop: Workshop) -> None:
        answer = send(workshop.made, TOY)

        assert answer.status == 201
        assert answer.body["name"] == "Top"
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Request-Id"] == "req_test"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_is_not_kept_by_anybody_unless_it_may(self, store: Store, workshop: Workshop) -> None:
        shown = send(workshop.shown, method="GET", path="/v1/toys/t1/page")

        assert send(workshop.made, TOY).headers["Cache-Control"] == "no-store"
        assert send(workshop.read, method="GET", path="/v1/toys/t1").headers["Cache-Control"] == "no-store"
        assert shown.headers["Cache-Control"] == "public, max-age=15, stale-while-revalidate=30"

    def test_names_its_version(self, store: Store, workshop: Workshop) -> None:
        assert send(workshop.read, method="GET", path="/v1/toys/t1").headers["ETag"] == '"7"'

    def test_that_does_not_fit_its_model_is_our_fault(self, store: Store, workshop: Workshop) -> None:
        workshop.answer = {"id": "x", "secret": "s3cret"}

        with logged() as log:
            answer = send(workshop.made, TOY)

        assert (answer.status, answer.code) == (500, "service.internal_error")
        assert "s3cret" not in json.dumps(answer.body)
        assert "unexpected failure" in log.getvalue()

    def test_hides_what_went_wrong_inside(self, store: Store, workshop: Workshop) -> None:
        workshop.error = RuntimeError("table arn:aws:dynamodb secret")

        answer = send(workshop.made, TOY)

        assert (answer.status, answer.code) == (500, "service.internal_error")
        assert "secret" not in json.dumps(answer.body)
        assert answer.body["request_id"] == "req_test"
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_of_an_unknown_address_is_a_problem(self, workshop: Workshop) -> None:
        answer = send(workshop.read, method="GET", path="/v1/nothing")

        assert (answer.status, answer.code) == (404, "request.unknown_route")


class TestProblem:
    def test_tells_what_the_domain_refused(self, store: Store, workshop: Workshop) -> None:
        fault = Fault(param="lines.TOP.quantity", code="toys.gone", message="2 left")
        workshop.error = Conflict("Not enough toys.", errors=(fault,), extra={"quote": {"total": 1}})

        answer = send(workshop.made, TOY)

        assert answer.status == 409
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.body == {
            "type": "urn:tradewind:problem:conflict",
            "title": "The request conflicts with the present state",
            "status": 409,
            "code": "conflict",
            "detail": "Not enough toys.",
            "errors": [{"param": "lines.TOP.quantity", "code": "toys.gone", "message": "2 left"}],
            "request_id": "req_test",
            "retryable": False,
            "quote": {"total": 1},
        }

    def test_tells_when_to_come_back(self, store: Store, workshop: Workshop) -> None:
        workshop.error = LimitReached(retry_after_seconds=30)

        answer = send(workshop.made, TOY)

        assert (answer.status, answer.headers["Retry-After"]) == (429, "30")
        assert answer.body["retryable"] is True


class TestBody:
    @pytest.mark.parametrize(
        ("change", "param"),
        [
            ({"quantity": 0}, "quantity"),
            ({"quantity": -1}, "quantity"),
            ({"quantity": 1.5}, "quantity"),
            ({"quantity": "1"}, "quantity"),
            ({"quantity": True}, "quantity"),
            ({"quantity": 10**12}, "quantity"),
            ({"quantity": None}, "quantity"),
            ({"name": ""}, "name"),
            ({"name": ["x"]}, "name"),
            ({"price": 5}, "price"),
            ({"price": {"amount": 5}}, "price.currency"),
            ({"price": {"amount": 5.0, "currency": "USD"}}, "price.amount"),
            ({"price": {"amount": 5, "currency": "US Dollar"}}, "price.currency"),
            ({"tags": ["a", "b", "c", "d"]}, "tags"),
            ({"tags": ["a", 1]}, "tags.1"),
            ({"role": "admin"}, "role"),
        ],
    )
    def test_is_refused_with_the_field_that_is_wrong(
        self, store: Store, workshop: Workshop, change: dict[str, Any], param: str
    ) -> None:
        answer = send(workshop.made, TOY | change)

        assert answer.status == 422
        assert list(faults(answer)) == [param]
        assert store.items("outbox") == []

    def test_tells_every_field_that_is_wrong(self, workshop: Workshop) -> None:
        answer = send(workshop.made, {"quantity": 0})

        assert set(faults(answer)) == {"name", "price", "quantity"}

    def test_is_refused_in_words_for_those_who_call_an_api(self, workshop: Workshop) -> None:
        answer = send(workshop.made, {"quantity": 1, "price": 5, "role": "admin"})

        assert {fault["param"]: fault["message"] for fault in answer.body["errors"]} == {
            "name": "This is needed.",
            "price": "This must be an object.",
            "role": "There is nothing of this name here; leave it out.",
        }

    @pytest.mark.parametrize(
        "body", ["{", "[]", "null", "1", '{"a":1,"a":2}', '{"name":"\\ud800"}', "[" * 5000, "\x00"]
    )
    def test_that_cannot_be_read_is_a_400(self, workshop: Workshop, body: str) -> None:
        answer = send(workshop.made, body)

        assert (answer.status, answer.code) == (400, "request.malformed")
        assert list(faults(answer)) == ["body"]

    def test_is_needed(self, workshop: Workshop) -> None:
        assert send(workshop.made, None).status in {400, 422}
        assert send(workshop.made, "").status in {400, 422}

    @pytest.mark.parametrize(
        "kind",
        ["text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=x", "nonsense", ""],
    )
    def test_that_is_empty_has_no_type(self, workshop: Workshop, kind: str) -> None:
        answer = send(workshop.made, "", content_type=kind)

        assert (answer.status, faults(answer)) == (422, {"body": "invalid.missing"})

    @pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"\xff").decode(), "{", "x" * 70_000])
    def test_of_a_read_is_not_looked_at(self, workshop: Workshop, text: str) -> None:
        for encoded in (True, False):
            answer = send(
                workshop.read, text, method="GET", path="/v1/toys/t1", base64_encoded=encoded, content_type="text/plain"
            )

            assert answer.status == 200

    @pytest.mark.parametrize("text", ['{"amount": 100}', "[]", "{", "null", "x" * 70_000])
    def test_of_a_write_that_takes_none_is_refused(self, store: Store, workshop: Workshop, text: str) -> None:
        answer = send(workshop.changed, text, method="PATCH", path="/v1/admin/toys/t1", scopes="*")

        assert (answer.status, faults(answer)) == (422, {"body": "invalid.extra_forbidden"})
        assert answer.body["detail"] == "body: This call takes no body; leave it out."

    @pytest.mark.parametrize("text", ["", " ", "{}", " {}\n"])
    def test_of_a_write_that_takes_none_may_be_empty(self, store: Store, workshop: Workshop, text: str) -> None:
        answer = send(workshop.changed, text, method="PATCH", path="/v1/admin/toys/t1", scopes="*")

        assert answer.status == 200

    def test_has_a_largest_size(self, store: Store, workshop: Workshop) -> None:
        room = LARGEST_BODY_BYTES - len(json.dumps(TOY | {"name": ""}))

        assert send(workshop.made, TOY | {"name": "x" * room}).status == 422
        assert send(workshop.made, TOY | {"name": "x" * (room + 1)}).status == 413
        assert send(workshop.made, json.dumps(TOY | {"name": "é" * (room // 2 + 1)}, ensure_ascii=False)).status == 413

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/jsonp", "multipart/form-data"])
    def test_is_json_and_says_so(self, workshop: Workshop, kind: str) -> None:
        answer = send(workshop.made, TOY, content_type=kind)

        assert (answer.status, answer.code) == (415, "request.unsupported_content_type")

    @pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON ;x=y"])
    def test_may_say_it_in_several_ways(self, store: Store, workshop: Workshop, kind: str) -> None:
        assert send(workshop.made, TOY, content_type=kind).status == 201

    def test_may_come_in_base64(self, store: Store, workshop: Workshop) -> None:
        text = base64.b64encode(json.dumps(TOY).encode()).decode()

        assert send(workshop.made, text, base64_encoded=True).status == 201

    @pytest.mark.parametrize("text", ["not base64!", "é", base64.b64encode(b"\xff\xfe").decode(), "A"])
    def test_in_bad_base64_is_a_400(self, workshop: Workshop, text: str) -> None:
        assert send(workshop.made, text, base64_encoded=True).status == 400


class TestParameters:
    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=-1", "limit=101", "limit=abc", "limit=1.5", "limit=1e2", "limit="]
    )
    def test_in_the_query_are_checked(self, workshop: Workshop, query: str) -> None:
        answer = send(workshop.made, TOY, query=query)

        assert answer.status == 422
        assert list(faults(answer)) == ["limit"]

    @pytest.mark.parametrize("query", ["dry_run=true", "limit=5&dry_run=true", "=", "LIMIT=5"])
    def test_of_a_write_are_all_known(self, store: Store, workshop: Workshop, query: str) -> None:
        answer = send(workshop.made, TOY, query=query)

        assert answer.status == 422
        [(name, code)] = faults(answer).items()
        assert code == "invalid.extra_forbidden"
        assert name
        assert store.items("outbox") == []

    def test_of_a_read_may_be_anything(self, workshop: Workshop) -> None:
        assert send(workshop.read, method="GET", path="/v1/toys/t1", query="utm_source=mail").status == 200

    @pytest.mark.parametrize("toy", ["a b", "é", "x" * 101, "a#b", "a%00", "$"])
    def test_in_the_path_that_cannot_exist_are_a_miss(self, workshop: Workshop, toy: str) -> None:
        answer = send(workshop.read, method="GET", path=f"/v1/toys/{toy}")

        assert answer.status == 404


class TestScope:
    def change(self, workshop: Workshop, scopes: str | None, **headers: Any) -> Answer:
        return send(
            workshop.changed, method="PATCH", path="/v1/admin/toys/t1", scopes=scopes, route="PATCH toy", **headers
        )

    @pytest.mark.parametrize("scopes", ["toys:write", "*", "a:b toys:write c:d"])
    def test_lets_in_who_has_it(self, store: Store, workshop: Workshop, scopes: str) -> None:
        answer = self.change(workshop, scopes)

        assert answer.status == 200
        assert answer.body["name"] == "staff:key_1"

    @pytest.mark.parametrize("scopes", [None, "", "toys:read", "toys", "toys:write2", "TOYS:WRITE", "*:*"])
    def test_refuses_who_lacks_it(self, store: Store, workshop: Workshop, scopes: str | None) -> None:
        answer = self.change(workshop, scopes)

        assert (answer.status, answer.code) == (403, "request.forbidden")
        assert "'toys:write'" in answer.body["detail"]


class TestIfMatch:
    @staticmethod
    def change(workshop: Workshop, tag: str) -> Answer:
        return send(workshop.changed, method="PATCH", path="/v1/admin/toys/t1", scopes="*", if_match=tag)

    @pytest.mark.parametrize("tag", ['"3"', 'W/"3"', "*", ' "3" '])
    def test_lets_the_present_version_be_changed(self, store: Store, workshop: Workshop, tag: str) -> None:
        answer = self.change(workshop, tag)

        assert (answer.status, answer.headers["ETag"]) == (200, '"4"')

    @pytest.mark.parametrize("tag", ['"2"', '"4"', '"0"', '"999999999999999"'])
    def test_refuses_another_version(self, store: Store, workshop: Workshop, tag: str) -> None:
        answer = self.change(workshop, tag)

        assert (answer.status, answer.code) == (412, "request.stale_version")
        assert "at version 3" in answer.body["detail"]

    @pytest.mark.parametrize("tag", ["3", "", '"x"', '"\u0663"', '"-1"', '"3", "4"', '"' + "9" * 16 + '"', '"1.0"'])
    def test_refuses_what_is_no_version(self, store: Store, workshop: Workshop, tag: str) -> None:
        answer = self.change(workshop, tag)

        assert answer.status == 422
        assert faults(answer) == {"If-Match": "invalid.header"}


class TestSummary:
    def test_of_an_operation_is_the_files_first_line(self, workshop: Workshop) -> None:
        paths = workshop.made.app.get_openapi_schema().model_dump(mode="json", by_alias=True)["paths"]

        operation = paths["/v1/toys"]["post"]
        assert operation["summary"] == "the edge of an endpoint, tried on one that makes toys"
        assert operation["operationId"] == "make_toy"
