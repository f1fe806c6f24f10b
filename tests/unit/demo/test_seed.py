import httpx
import pytest

from local.demo.api import Refused
from local.demo.seed import Seeded, main, seed
from tests.unit.demo.conftest import STORE_URL, InProcess


def seeded(transport: InProcess) -> Seeded:
    return seed(store_url=STORE_URL, staff_key="sk", transport=transport)


def read(transport: InProcess, path: str):
    with httpx.Client(base_url=STORE_URL, transport=transport) as client:
        return client.get(path).raise_for_status().json()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.demo.api.LONGEST_WAIT_SECONDS", 0.0)


class TestSeed:
    def test_fills_an_empty_store(self, transport):
        result = seeded(transport)

        assert (result.products, result.skus, result.categories, result.shipping_methods) == (3, 8, 5, 4)
        assert {product["slug"] for product in read(transport, "/v1/products")["items"]} == {
            "storm-lantern",
            "enamel-mug",
            "shore-bird-guide",
        }
        assert [method["id"] for method in read(transport, "/v1/admin/shipping-methods")["items"]] == [
            "standard",
            "express",
            "freight",
            "eu-parcel",
        ]
        tree = read(transport, "/v1/categories")["items"]
        assert [(category["slug"], len(category["children"])) for category in tree] == [
            ("kitchen", 1),
            ("home", 2),
        ]

    def test_stocks_what_the_data_says(self, transport):
        seeded(transport)

        (lantern,) = read(transport, "/v1/admin/stock/LANTERN-STORM-BRASS")["levels"]
        sold_out = read(transport, "/v1/admin/stock/MUG-ENAMEL-FOG")

        assert (lantern["available"], lantern["low_stock_threshold"]) == (6, 5)
        assert sold_out["available"] == 0

    def test_changes_nothing_when_run_again(self, transport):
        first = seeded(transport)

        again = seeded(transport)

        # Categories, methods, products, receipts of all but one SKU, thresholds.
        assert first.changes == 5 + 4 + 3 + 7 + 6
        assert again.changes == 0
        assert "nothing changed" in str(again)
        assert read(transport, "/v1/admin/stock/LANTERN-STORM-BRASS")["levels"][0]["received"] == 6

    def test_leaves_alone_what_was_sold_since(self, transport):
        seeded(transport)
        with httpx.Client(base_url=STORE_URL, transport=transport) as client:
            lost = {"location": "main", "delta": -6, "reason": "Fell overboard"}
            client.post("/v1/admin/stock/LANTERN-STORM-BRASS/adjustments", json=lost).raise_for_status()
            gained = {"location": "main", "delta": 2, "reason": "Washed ashore"}
            client.post("/v1/admin/stock/LANTERN-STORM-BRASS/adjustments", json=gained).raise_for_status()

        again = seeded(transport)

        assert again.changes == 0
        assert read(transport, "/v1/admin/stock/LANTERN-STORM-BRASS")["available"] == 2

    def test_goes_on_where_it_was_interrupted(self, transport):
        problem = {"code": "service.internal_error", "detail": "Down.", "retryable": False}
        transport.refused["POST /v1/admin/stock/LANTERN-STORM-BLACK/receipts"] = httpx.Response(500, json=problem)
        with pytest.raises(Refused, match=r"receipts\s+500 service.internal_error: Down"):
            seeded(transport)

        again = seeded(transport)

        assert again.changes > 0
        assert read(transport, "/v1/admin/stock/LANTERN-STORM-BLACK")["available"] == 23
        assert read(transport, "/v1/admin/stock/LANTERN-STORM-BRASS")["available"] == 6

    def test_waits_when_the_gateway_is_busy(self, transport):
        busy = httpx.Response(429, json={"message": "Too Many Requests"})
        transport.refused["GET /v1/admin/shipping-methods"] = busy

        assert seeded(transport).changes > 0
        assert transport.requests.count("GET /v1/admin/shipping-methods") == 2

    def test_shows_what_the_store_refused_and_why(self, transport):
        problem = {
            "code": "request.invalid",
            "detail": "Not like this.",
            "errors": [{"param": "title", "code": "invalid", "message": "too plain"}],
            "request_id": "req_1",
            "retryable": False,
        }
        transport.refused["POST /v1/admin/products"] = httpx.Response(422, json=problem)

        with pytest.raises(Refused) as refused:
            seeded(transport)

        assert str(refused.value) == (
            "POST /v1/admin/products\n  422 request.invalid: Not like this. (request_id req_1)\n    title: too plain"
        )

    def test_says_so_when_nobody_answers(self):
        def nobody(_request: httpx.Request) -> httpx.Response:
            message = "connection refused"
            raise httpx.ConnectError(message)

        with pytest.raises(Refused, match=r"no answer from http://store\.test: connection refused"):
            seed(store_url=STORE_URL, staff_key="sk", transport=httpx.MockTransport(nobody))


class TestMain:
    def test_names_the_way_to_start_a_store_when_none_runs(self, capsys):
        code = main(["--control-port", "1"])

        assert code == 1
        assert "start one with: make run" in capsys.readouterr().err
