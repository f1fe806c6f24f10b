"""The control surface: what it shows, and how it says no."""

import pytest

from tests.functional.local.conftest import Toy

pytestmark = pytest.mark.java


class TestInfo:
    def test_says_where_everything_is(self, toy: Toy) -> None:
        info = toy.control.get("/info").json()

        assert info["store_url"] == toy.running.store_url
        assert info["stripe_url"] is None
        assert info["webhook_secret"].startswith("whsec_")
        assert info["dynamodb_engine"] == "DynamoDB Local"

    def test_set_up_functions_ran(self, toy: Toy) -> None:
        functions = {entry["function"]: entry for entry in toy.items("/functions")}

        assert functions["tradewind-Workers-SetupFunction"]["invocations"] == 1
        assert functions["tradewind-Workers-SetupFunction"]["errors"] == 0


class TestTables:
    def test_shows_items_as_plain_json_by_either_name(self, toy: Toy) -> None:
        toy.put("shown", size=7)

        by_logical_id = toy.items("/tables/ThingsTable", pk="shown")
        by_name = toy.items("/tables/tradewind-ThingsTable", pk="shown")

        assert by_logical_id == by_name == [{"pk": "shown", "sk": "thing", "kind": "thing", "size": 7}]


class TestProblems:
    def test_an_unknown_table_is_a_problem_that_names_it(self, toy: Toy) -> None:
        answer = toy.control.get("/tables/Nothing")

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == "GET /_local/tables/Nothing: there is no table Nothing"

    def test_time_only_moves_forward(self, toy: Toy) -> None:
        assert toy.control.post("/tick", params={"seconds": -1}).status_code == 400
        assert toy.control.post("/tick", params={"seconds": "soon"}).status_code == 400
        assert toy.control.post("/tick").status_code == 400

    def test_without_the_fake_there_is_no_stripe_to_control(self, toy: Toy) -> None:
        assert toy.control.get("/stripe/journal").status_code == 409

    def test_an_unknown_path_is_a_problem(self, toy: Toy) -> None:
        answer = toy.control.get("/nothing")

        assert answer.status_code == 404
        assert answer.json()["status"] == 404
