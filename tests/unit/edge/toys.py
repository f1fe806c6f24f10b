"""POST /v1/toys: the edge of an endpoint, tried on one that makes toys.

What holds for it holds for every endpoint of the store.
"""

import json
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from commerce.entrypoints.http import Api, admin, storefront
from commerce.entrypoints.params import Cursor, Id, Limit
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.kernel.money import Money
from commerce.kernel.outbox import Event, announce
from commerce.kernel.schema import Input, Line, Output
from commerce.kernel.transactions import commit
from tests.support.store import Answer, LambdaContext

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


class ToyPage(Output):
    """A toy as all shoppers see it."""

    id: str
    text: str
    currency: str | None


class Workshop:
    """The endpoints under test, and what they did."""

    def __init__(self) -> None:
        self.lease: timedelta | None = None
        self.answer: Any = None
        self.error: Exception | None = None
        self.late_error: Exception | None = None
        self.looks = 0
        self.made = storefront()
        self.read = storefront()
        self.shown = storefront()
        self.changed = admin("toys:write")
        self.made.post("/v1/toys", status=201, replay=self.again)(self.make_toy)
        self.read.get("/v1/toys/{toy_id}")(self.get_toy)
        self.shown.get("/v1/toys/{toy_id}/page", shared=True)(self.show_toy)
        self.changed.patch("/v1/admin/toys/{toy_id}", replay=self.again, takes_if_match=True)(self.change_toy)

    def make_toy(self, body: NewToy, limit: Limit = 20, cursor: Cursor | None = None) -> Toy:
        call = self.made.call()
        if self.error is not None:
            raise self.error
        toy = Toy(id=new_id("toy"), name=body.name)
        self._announce(toy, call)
        if self.late_error is not None:
            raise self.late_error
        if self.answer is not None:
            return self.answer  # type: ignore[no-any-return]
        return toy

    def get_toy(self, toy_id: Id) -> Toy:
        return Toy(id=toy_id, name="Top", version=7)

    def show_toy(self, toy_id: Id, currency: str | None = None) -> ToyPage:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return ToyPage(id=toy_id, text=f"look {self.looks}", currency=currency)

    def change_toy(self, toy_id: Id) -> Toy:
        call = self.changed.call()
        call.check_version(3)
        return Toy(id=toy_id, name=str(call.actor), version=4)

    def again(self, *, resource: str, call: Call) -> Toy:
        return Toy(id=resource, name=f"again at {clock.text(call.now)[:4]}")

    def _announce(self, toy: Toy, call: Call) -> None:
        once = call.once.row(toy.id, lease=self.lease) if call.once else None
        commit([announce(ToyMade(toy_id=toy.id), aggregate=f"toy#{toy.id}", sequence=1, call=call), once])


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
    **headers: Any,
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
    context_of_lambda: Any = LambdaContext(aws_request_id="req_test")
    result = api.handler(event, context_of_lambda)
    return Answer(result["statusCode"], result["headers"], json.loads(result["body"] or "null"))


def faults(answer: Answer) -> dict[str, str]:
    return {fault["param"]: fault["code"] for fault in answer.body["errors"]}
