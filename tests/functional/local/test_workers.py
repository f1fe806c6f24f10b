"""Workers: isolation, time-outs, crashes, concurrency, environment and logs."""

import concurrent.futures
import os
import signal
import time

import pytest

from tests.functional.local.conftest import Toy

pytestmark = pytest.mark.java


class TestFailures:
    @pytest.mark.parametrize("mode", ["raise", "exit", "large", "shape", "unserializable"])
    def test_a_failing_function_is_a_plain_500_and_the_next_call_works(self, toy: Toy, mode: str) -> None:
        failed = toy.misbehave(mode)

        assert (failed.status_code, failed.text) == (500, '{"message":"Internal Server Error"}')
        assert toy.misbehave("well").status_code == 200

    def test_a_slow_function_is_killed_at_its_own_limit(self, toy: Toy) -> None:
        began = time.monotonic()

        answer = toy.misbehave("sleep")

        assert answer.status_code == 500
        assert 0.9 < time.monotonic() - began < 3
        assert toy.misbehave("well").status_code == 200
        assert any("Task timed out after 1.00 seconds" in str(record["message"]) for record in toy.items("/logs"))

    def test_an_exception_is_one_log_record_of_its_request(self, toy: Toy) -> None:
        toy.misbehave("raise")

        record = toy.items("/logs", function="Misbehave", limit=1)[0]
        assert record["message"].startswith("[ERROR] ValueError: as asked\nTraceback")
        assert record["request_id"]


class TestParents:
    def test_workers_come_back_when_a_parent_is_killed(self, toy: Toy) -> None:
        toy.misbehave("well")
        parents = toy.control.get("/functions").json()["parents"]
        web = next(parent["pid"] for parent in parents if parent["stack"] == "Web")

        os.kill(web, signal.SIGKILL)
        time.sleep(0.2)

        assert toy.misbehave("well").status_code == 200


class TestIsolation:
    def test_one_invocation_at_a_time_per_process(self, toy: Toy) -> None:
        began = time.monotonic()

        with concurrent.futures.ThreadPoolExecutor(6) as threads:
            answers = list(threads.map(lambda _number: toy.misbehave("nap"), range(6)))

        assert all(answer.status_code == 200 for answer in answers)
        assert len({answer.json()["pid"] for answer in answers}) == 6
        assert time.monotonic() - began < 1.5

    def test_more_calls_than_processes_wait_for_their_turn(self, toy: Toy) -> None:
        with concurrent.futures.ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(lambda _number: toy.misbehave("nap"), range(16)))

        assert [answer.text for answer in answers if answer.status_code != 200] == []
        assert len({answer.json()["pid"] for answer in answers}) <= 8

    def test_a_process_is_used_again(self, toy: Toy) -> None:
        first, second = toy.misbehave("well").json(), toy.misbehave("well").json()

        assert second["pid"] == first["pid"]
        assert second["calls"] == first["calls"] + 1

    def test_a_function_sees_its_own_environment_only(self, toy: Toy) -> None:
        seen = toy.web.get("/v1/echo/environment").json()

        environment = seen["environment"]
        assert environment["SECRET_NAME"] == "/toy/secret"
        assert environment["THINGS_TABLE"] == "tradewind-ThingsTable"
        assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "tradewind-Web-EchoFunction"
        assert environment.keys().isdisjoint({"JOBS_QUEUE_URL", "EVENT_BUS_NAME", "HOME", "VIRTUAL_ENV", "PYTHONPATH"})

    def test_a_function_cannot_see_the_local_store(self, toy: Toy) -> None:
        seen = toy.web.get("/v1/echo/environment").json()

        assert not [name for name in seen["modules"] if name.split(".")[0] in ("local", "tests", "moto")]
        assert seen["path"][0].endswith("functions/web/things")
        assert seen["path"][1].endswith("layers/toys")

    def test_the_context_is_lambdas(self, toy: Toy) -> None:
        context = toy.web.get("/v1/echo/context").json()

        assert context["function_name"] == "tradewind-Web-EchoFunction"
        assert context["memory_limit_in_mb"] == "256"
        assert context["invoked_function_arn"].endswith(":function:tradewind-Web-EchoFunction")
        assert 4000 < context["remaining"] <= 5000

    def test_what_a_function_prints_is_in_the_log(self, toy: Toy) -> None:
        toy.web.get("/v1/echo/printed")

        assert toy.items("/logs", function="Echo", limit=1)[0]["message"] == "echoing /v1/echo/printed"
