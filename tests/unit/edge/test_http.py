"""POST /v1/toys: the edge of an endpoint, tried on one that makes toys.

Everything here holds for every endpoint of the store.
"""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field

from commerce.entrypoints import caller
from commerce.entrypoints.http import LARGEST_BODY_BYTES, Api, admin, storefront
from commerce.entrypoints.params import Cursor, Id, Limit
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.errors import Conflict, Fault, LimitReached
from commerce.kernel.ids import new_id
from commerce.kernel.money import Money
from commerce.kernel.outbox import Event, announce
from commerce.kernel.schema import Input, Line, Output
from commerce.kernel.transactions import commit
from tests.support.logs import logged
from tests.support.store import Answer, LambdaContext, Store

LEASE = timedelta(seconds=30)
TOY = {"name": "Top", "price": {"amount": 500, "currency": "USD"}, "quantity": 2}


class NewToy(Input):
    name: Line
    price: Money
    quantity: Annotated[int, Field(ge=1, le=99)]
    tags: list[Line] = Field(default_factory=list, max_length=3)


class Toy(Output):
    id: str
    name: str
    version: int = 1


class ToyMade(Event):
    type: ClassVar[str] = "toys.made"

    toy_id: str


class Workshop:
    """The endpoints under test, and what they did."""

    def __init__(self) -> None:
        self.lease: timedelta | None = None
        self.answer: Any = None
        self.error: Exception | None = None
        self.made = storefront()
        self.read = storefront()
        self.changed = admin("toys:write")
        self.made.post("/v1/toys", status=201, replay=self.again)(self.make_toy)
        self.read.get("/v1/toys/{toy_id}", cache="public, max-age=60")(self.get_toy)
        self.changed.patch("/v1/admin/toys/{toy_id}", replay=self.again, takes_if_match=True)(self.change_toy)

    def make_toy(self, body: NewToy, limit: Limit = 20, cursor: Cursor | None = None) -> Toy:
        call = self.made.call()
        if self.error is not None:
            raise self.error
        toy = Toy(id=new_id("toy"), name=body.name)
        self._announce(toy, call)
        if self.answer is not None:
            return self.answer  # type: ignore[no-any-return]
        return toy

    def get_toy(self, toy_id: Id) -> Toy:
        return Toy(id=toy_id, name="Top", version=7)

    def change_toy(self, toy_id: Id) -> Toy:
        call = self.changed.call()
        call.check_version(3)
        return Toy(id=toy_id, name=str(call.actor), version=4)

    def again(self, *, resource: str, call: Call) -> Toy:
        return Toy(id=resource, name=f"again at {clock.text(call.now)[:4]}")

    def _announce(self, toy: Toy, call: Call) -> None:
        once = call.once.row(toy.id, lease=self.lease) if call.once else None
        commit([announce(ToyMade(toy_id=toy.id), aggregate=f"toy#{toy.id}", sequence=1, call=call), once])


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


def send(
    api: Api,
    body: object = None,
    *,
    method: str = "POST",
    path: str = "/v1/toys",
    route: str | None = None,
    query: str = "",
    scopes: str | None = None,
    base64_encoded: bool = False,
    **headers: str,
) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    if text is not None:
        sent.setdefault("content-type", "application/json")
    context: dict[str, Any] = {"http": {"method": method, "path": path, "sourceIp": "203.0.113.7"}, "stage": "$default"}
    if scopes is not None:
        context["authorizer"] = {"lambda": {"actor": "key_1", "scopes": scopes}}
    event = {
        "version": "2.0",
        "routeKey": route or f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": dict(part.split("=") for part in query.split("&")) if query else None,
        "headers": sent,
        "requestContext": context,
        "body": text,
        "isBase64Encoded": base64_encoded,
    }
    result = api.handler(event, LambdaContext(aws_request_id="req_test"))
    return Answer(result["statusCode"], result["headers"], json.loads(result["body"]))


def faults(answer: Answer) -> dict[str, str]:
    return {fault["param"]: fault["code"] for fault in answer.body["errors"]}


class TestAnswer:
    def test_is_json_with_a_request_id(self, store: Store, workshop: Workshop) -> None:
        answer = send(workshop.made, TOY)

        assert answer.status == 201
        assert answer.body["name"] == "Top"
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Request-Id"] == "req_test"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_is_not_kept_by_anybody_unless_it_may(self, store: Store, workshop: Workshop) -> None:
        read = send(workshop.read, method="GET", path="/v1/toys/t1")

        assert send(workshop.made, TOY).headers["Cache-Control"] == "no-store"
        assert read.headers["Cache-Control"] == "public, max-age=60"

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

    @pytest.mark.parametrize("toy", ["a b", "é", "x" * 101, "a#b", "a%00", "$"])
    def test_in_the_path_that_cannot_exist_are_a_miss(self, workshop: Workshop, toy: str) -> None:
        answer = send(workshop.read, method="GET", path=f"/v1/toys/{toy}")

        assert answer.status == 404


class TestScope:
    def change(self, workshop: Workshop, scopes: str | None, **headers: str) -> Answer:
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

    @pytest.mark.parametrize("tag", ["3", "", '"x"', '"-1"', '"3", "4"', '"' + "9" * 16 + '"', '"1.0"'])
    def test_refuses_what_is_no_version(self, store: Store, workshop: Workshop, tag: str) -> None:
        answer = self.change(workshop, tag)

        assert answer.status == 422
        assert faults(answer) == {"If-Match": "invalid.header"}


class TestIdempotencyKey:
    def make(self, workshop: Workshop, key: str = "k-1", body: object = TOY, **headers: str) -> Answer:
        return send(workshop.made, body, idempotency_key=key, **headers)

    def test_gives_the_first_answer_again(self, store: Store, workshop: Workshop) -> None:
        first, again = self.make(workshop), self.make(workshop)

        assert first.status == again.status == 201
        assert again.body["id"] == first.body["id"]
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(store.items("outbox")) == 1

    def test_gives_it_again_for_the_same_json_written_differently(self, store: Store, workshop: Workshop) -> None:
        first = self.make(workshop)

        again = self.make(workshop, body=json.dumps(dict(reversed(TOY.items())), indent=3))

        assert again.body["id"] == first.body["id"]

    def test_refuses_another_body(self, store: Store, workshop: Workshop) -> None:
        self.make(workshop)

        answer = self.make(workshop, body=TOY | {"quantity": 3})

        assert (answer.status, answer.code) == (422, "idempotency.key_reused")
        assert len(store.items("outbox")) == 1

    def test_belongs_to_its_caller(self, store: Store, workshop: Workshop) -> None:
        self.make(workshop, user_agent="one")

        other = self.make(workshop, user_agent="another")

        assert "Idempotent-Replayed" not in other.headers
        assert len(store.items("outbox")) == 2

    def test_makes_two_without_it(self, store: Store, workshop: Workshop) -> None:
        send(workshop.made, TOY)
        send(workshop.made, TOY)

        assert len(store.items("outbox")) == 2

    def test_does_not_remember_a_refusal(self, store: Store, workshop: Workshop) -> None:
        workshop.error = Conflict()
        assert self.make(workshop).status == 409
        workshop.error = RuntimeError()
        assert self.make(workshop).status == 500
        workshop.error = None

        assert self.make(workshop).status == 201

    def test_tells_to_wait_while_the_first_is_at_work_and_then_resumes(self, store: Store, workshop: Workshop) -> None:
        workshop.lease = LEASE
        first = self.make(workshop)

        waiting = self.make(workshop)
        clock.set_offset(LEASE.total_seconds() + 1)
        resumed = self.make(workshop)

        assert (waiting.status, waiting.code) == (409, "idempotency.in_flight")
        assert waiting.headers["Retry-After"] == "1"
        assert waiting.body["retryable"] is True
        assert resumed.body["id"] == first.body["id"]

    def test_renders_the_winners_answer_to_the_one_who_came_second(
        self, store: Store, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two requests look at the same moment and see nothing; the effect happens for one of them."""
        first = self.make(workshop)
        whole = caller.Once.resource_done
        looks: list[str | None] = []

        def sees_nothing_at_first(self: caller.Once, *, now: Any) -> str | None:
            looks.append(None if not looks else whole(self, now=now))
            return looks[-1]

        monkeypatch.setattr(caller.Once, "resource_done", sees_nothing_at_first)

        second = self.make(workshop)

        assert second.body["id"] == first.body["id"]
        assert second.headers["Idempotent-Replayed"] == "true"
        assert len(store.items("outbox")) == 1

    @pytest.mark.parametrize("key", ["", " ", "a b", "é", "\n", "x" * 256])
    def test_is_visible_ascii(self, store: Store, workshop: Workshop, key: str) -> None:
        answer = self.make(workshop, key=key)

        assert answer.status == 422
        assert faults(answer) == {"Idempotency-Key": "invalid.header"}

    def test_may_have_255_letters(self, store: Store, workshop: Workshop) -> None:
        assert self.make(workshop, key="x" * 255).status == 201


class TestSummary:
    def test_of_an_operation_is_the_files_first_line(self, workshop: Workshop) -> None:
        paths = workshop.made.app.get_openapi_schema().model_dump(mode="json", by_alias=True)["paths"]

        operation = paths["/v1/toys"]["post"]
        assert operation["summary"] == "the edge of an endpoint, tried on one that makes toys"
        assert operation["operationId"] == "make_toy"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    yield
    clock.set_offset(0)
