"""The generated documents: OpenAPI and event schemas."""

import json
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
from openapi_spec_validator import validate

from commerce.kernel import clock, outbox
from commerce.kernel.call import system_call
from commerce.kernel.outbox import Event, OutboxRecord
from commerce.staff.events import StaffKeyCreated
from local import event_schemas, openapi
from tests.support.document import QUESTIONS
from tests.support.store import ROOT, running_store


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{method.upper()} {path}": op for path, item in document["paths"].items() for method, op in item.items()}


class TestOpenAPI:
    def test_is_valid(self, document: dict[str, Any]) -> None:
        validate(document)
        assert document["openapi"] == "3.1.0"

    def test_describes_every_route_of_the_files(self, document: dict[str, Any]) -> None:
        lines = [
            file.read_text().partition(": ")[0].removeprefix('"""') for file in (ROOT / "functions").glob("*/*/*.py")
        ]
        routes = {line for line in lines if line.split(" ")[0] in {"GET", "POST", "PUT", "PATCH", "DELETE"}}

        assert set(operations(document)) == routes

    def test_is_the_same_each_time(self, document: dict[str, Any]) -> None:
        assert openapi.text(openapi.document()) == openapi.text(document)

    def test_gives_every_operation_a_name_of_its_own(self, document: dict[str, Any]) -> None:
        names = [operation["operationId"] for operation in operations(document).values()]

        assert len(set(names)) == len(names)

    def test_offers_idempotency_on_every_write_but_stripes(self, document: dict[str, Any]) -> None:
        with_key = {
            name
            for name, operation in operations(document).items()
            if {"$ref": "#/components/parameters/IdempotencyKey"} in operation.get("parameters", [])
        }

        writes = {name for name in operations(document) if not name.startswith("GET ") and not name.endswith(QUESTIONS)}
        assert with_key == writes - {"POST /v1/webhooks/stripe"}

    def test_asks_staff_for_their_key_and_nobody_else(self, document: dict[str, Any]) -> None:
        for name, operation in operations(document).items():
            staff = "/v1/admin/" in name
            assert operation["security"] == ([{"staffKey": []}] if staff else []), name
            assert ("401" in operation["responses"]) is staff, name

    def test_has_no_null_where_there_is_none_to_send(self, document: dict[str, Any]) -> None:
        for name, operation in operations(document).items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            schemas = [each["schema"] for each in operation.get("parameters", []) if "schema" in each]
            assert "null" not in str([body, *schemas]), name

    def test_says_which_scope_staff_need(self, document: dict[str, Any]) -> None:
        operation = operations(document)["DELETE /v1/admin/staff-keys/{key_id}"]

        assert operation["description"] == "Needs the scope `staff:write`."
        assert operation["summary"] == "Revoke a staff key for ever"
        assert operation["tags"] == ["staff"]
        assert {"$ref": "#/components/parameters/IfMatch"} in operation["parameters"]
        assert set(operation["responses"]["200"]["headers"]) == {"ETag", "Idempotent-Replayed", "X-Request-Id"}

    def test_refuses_with_problems(self, document: dict[str, Any]) -> None:
        for operation in operations(document).values():
            for status, response in operation["responses"].items():
                assert status[0] in "23" or response["$ref"].startswith("#/components/responses/")
        problem = document["components"]["responses"]["Invalid"]["content"]["application/problem+json"]
        assert problem == {"schema": {"$ref": "#/components/schemas/Problem"}}

    def test_leaves_nothing_of_ours_or_of_powertools_behind(self, document: dict[str, Any]) -> None:
        text = openapi.text(document)

        for word in ("x-tradewind", "HTTPValidationError", "ResponseValidationError"):
            assert word not in text

    def test_refuses_two_schemas_of_one_name(self) -> None:
        one = {"components": {"schemas": {"Money": {"type": "object"}}}}
        other = {"components": {"schemas": {"Money": {"type": "string"}}}}

        openapi._check_components([one, one])
        with pytest.raises(openapi.DocumentError, match="'Money'"):
            openapi._check_components([one, other])

    def test_tells_what_drifted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "openapi.json"
        assert openapi.main(["--write", str(file)]) == 0
        assert openapi.main(["--check", str(file)]) == 0
        drifted = json.loads(file.read_text())
        drifted["paths"]["/v1/products"]["get"]["summary"] = "Older words"
        del drifted["paths"]["/v1/carts"]
        file.write_text(json.dumps(drifted))
        capsys.readouterr()

        assert openapi.main(["--check", str(file)]) == 1

        output = capsys.readouterr().out
        assert "~ paths > /v1/products > get > summary" in output
        assert "+ paths > /v1/carts" in output

    def test_drifts_from_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        assert openapi.main(["--check", str(tmp_path / "none.json")]) == 1


class TestEventSchemas:
    def test_are_valid_schemas_of_all_events(self) -> None:
        found = event_schemas.files()

        assert {"orders.placed.v1.json", "inventory.stock_low.v1.json", "staff.key_created.v1.json"} <= set(found)
        for text in found.values():
            jsonschema.Draft202012Validator.check_schema(json.loads(text))

    def test_accept_what_the_outbox_sends(self) -> None:
        with running_store():
            event = StaffKeyCreated(key_id="key_x", name="Ada", scopes=["*"])
            call = system_call(worker="w", now=clock.now())
            record = outbox.announce(event, aggregate="staff_key#key_x", sequence=1, call=call).record
            assert isinstance(record, OutboxRecord)
            detail = json.loads(record.detail())

        validator = jsonschema.Draft202012Validator(event_schemas.schema(StaffKeyCreated))
        validator.validate(detail)
        validator.validate(detail | {"later": 1, "data": detail["data"] | {"later": 1}})
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(detail | {"type": "staff.key_revoked"})

    def test_tell_of_every_event_on_the_page(self) -> None:
        page = event_schemas.page()

        for event in event_schemas.event_types():
            assert f"### {event.type}\n" in page

    def test_refuse_two_events_of_one_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class One(Event):
            type: ClassVar[str] = "toys.made"

        class Other(Event):
            type: ClassVar[str] = "toys.made"

        for event in (One, Other):
            event.__module__ = "commerce.toys.events"
        monkeypatch.setattr(event_schemas, "_below", lambda _: iter([One, Other]))

        with pytest.raises(event_schemas.EventsError, match=r"toys\.made"):
            event_schemas.event_types()
        for event in (One, Other):
            event.__module__ = __name__

    def test_tell_what_drifted_and_clear_what_is_gone(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder, page = tmp_path / "schemas", tmp_path / "events.md"
        where = ["--page", str(page)]
        assert event_schemas.main(["--write", str(folder), *where]) == 0
        assert event_schemas.main(["--check", str(folder), *where]) == 0
        (folder / "orders.placed.v1.json").write_text("{}")
        (folder / "old.event.v1.json").write_text("{}")
        page.write_text("")
        capsys.readouterr()

        assert event_schemas.main(["--check", str(folder), *where]) == 1

        output = capsys.readouterr().out
        for name in ("~ " + str(folder / "orders.placed.v1.json"), "- " + str(folder / "old.event.v1.json"), str(page)):
            assert name in output
        assert event_schemas.main(["--write", str(folder), *where]) == 0
        assert not (folder / "old.event.v1.json").exists()
