"""Files as answers: bytes that API Gateway unpacks, under a name, and problems in place of them."""

import base64
from typing import Any

import pytest

from commerce.entrypoints.http import Api, storefront
from commerce.entrypoints.params import Id
from commerce.kernel.downloads import Pdf
from commerce.kernel.errors import NotFound
from tests.support.store import LambdaContext, Store
from tests.unit.edge.toys import send

BYTES = bytes(range(256))


class Press:
    """An endpoint that answers a leaflet."""

    def __init__(self, leaflet: Any) -> None:
        self.leaflet = leaflet
        self.api: Api = storefront()
        self.api.get("/v1/toys/{toy_id}/leaflet")(self.get_leaflet)

    def get_leaflet(self, toy_id: Id) -> Pdf:
        if isinstance(self.leaflet, Exception):
            raise self.leaflet
        leaflet: Pdf = self.leaflet
        return leaflet


def answered(press: Press) -> dict[str, Any]:
    """Return what Lambda hands to API Gateway."""
    event = {
        "version": "2.0",
        "routeKey": "GET /v1/toys/{toy_id}/leaflet",
        "rawPath": "/v1/toys/t1/leaflet",
        "rawQueryString": "",
        "headers": {},
        "pathParameters": {"toy_id": "t1"},
        "requestContext": {
            "http": {"method": "GET", "path": "/v1/toys/t1/leaflet", "sourceIp": "192.0.2.1"},
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    context: Any = LambdaContext()
    answer: dict[str, Any] = press.api.handler(event, context)
    return answer


class TestDownload:
    def test_is_packed_for_api_gateway_byte_by_byte(self, store: Store) -> None:
        answer = answered(Press(Pdf(name="leaflet.pdf", content=BYTES)))

        assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
        assert base64.b64decode(answer["body"], validate=True) == BYTES

    def test_says_what_it_is_and_under_which_name_and_is_kept_by_nobody(self, store: Store) -> None:
        headers = answered(Press(Pdf(name="leaflet.pdf", content=BYTES)))["headers"]

        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Disposition"] == 'inline; filename="leaflet.pdf"'
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
        assert headers["X-Request-Id"]

    def test_that_is_not_there_is_a_problem_like_any_other(self, store: Store) -> None:
        press = Press(NotFound("No such leaflet."))

        answer = send(press.api, method="GET", path="/v1/toys/t1/leaflet")

        assert (answer.status, answer.code, answer.headers["Content-Type"]) == (
            404,
            "not_found",
            "application/problem+json",
        )
        assert answered(press)["isBase64Encoded"] is False
        assert "Content-Disposition" not in answer.headers

    @pytest.mark.parametrize("other", [None, b"%PDF-", "leaflet"])
    def test_that_is_none_is_our_fault(self, store: Store, other: object) -> None:
        assert answered(Press(other))["statusCode"] == 500

    def test_hides_its_bytes_from_logs(self) -> None:
        assert "content" not in repr(Pdf(name="leaflet.pdf", content=b"Ada Byron"))

    def test_is_described_by_its_type(self) -> None:
        described = Press(None).api.app.get_openapi_schema().model_dump(mode="json", by_alias=True, exclude_none=True)

        [answer] = [described["paths"]["/v1/toys/{toy_id}/leaflet"]["get"]["responses"]["200"]]
        assert list(answer["content"]) == ["application/pdf"]
