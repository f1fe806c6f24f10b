"""Handler, template, docstring and OpenAPI document say the same."""

import ast
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.stacks import ROOT, Function, functions, handler_files, in_words, passed_to

LONGEST_HANDLER = 30
MAY_BE_IMPORTED = {"commerce", "pydantic", *sys.stdlib_module_names}
# What a parameter of a route looks like: Powertools has the words for it.
SHAPES = {"aws_lambda_powertools.event_handler.openapi.params"}
PREFIXES = {"Storefront": "/v1/", "Admin": "/v1/admin/", "Workers": "/v1/webhooks/"}


def first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n")[0]


def triggers(function: Function) -> list[str]:
    """Return what the first line of a handler has to begin with."""
    if function.is_an_authorizer:
        return ["Lambda authorizer: "]
    if function.makes_a_custom_resource:
        return ["CloudFormation custom resource: "]
    passed = passed_to(function.stack.name)
    named = []
    for event in function.events:
        own = event["Properties"]
        match event["Type"]:
            case "HttpApi":
                named.append("$default: " if own["Path"] == "$default" else f"{own['Method']} {own['Path']}: ")
            case "SQS":
                named.append(f"SQS {in_words(own['Queue'], passed).split('.')[0]}: ")
            case "DynamoDB":
                named.append(f"DynamoDB stream {in_words(own['Stream'], passed).split('.')[0]}: ")
            case "EventBridgeRule":
                named.append(f"Event {', '.join(own['Pattern']['detail-type'])}: ")
            case "Schedule":
                named.append(f"Schedule {own['Schedule']}: ")
    return named


def names(text: str) -> list[str]:
    return [part.capitalize() for part in text.split("_")]


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.label)
class TestFunction:
    def test_is_a_file_that_defines_its_handler(self, function: Function) -> None:
        module, attribute = function.properties["Handler"].split(".")
        tree = ast.parse(function.file.read_text())
        defined = {
            name.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for name in node.targets
            if isinstance(name, ast.Name)
        }
        defined |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

        assert attribute == "handler"
        assert attribute in defined
        assert function.name == "".join(names(module)) + "Function"

    def test_begins_with_what_triggers_it(self, function: Function) -> None:
        (trigger,) = triggers(function)
        line = first_line(function.file)

        assert line.startswith(trigger), f"{function.label} is called by {trigger!r}, and says {line!r}"
        assert line.endswith(".")

    def test_is_short_and_decides_nothing(self, function: Function) -> None:
        text = function.file.read_text()
        nodes = {type(node).__name__ for node in ast.walk(ast.parse(text))}

        assert len(text.splitlines()) <= LONGEST_HANDLER
        assert not nodes & {"Try", "If", "IfExp", "For", "While", "With", "Match"}

    def test_imports_our_code_and_the_standard_library(self, function: Function) -> None:
        imported = set()
        for node in ast.walk(ast.parse(function.file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "relative")

        assert {name for name in imported - SHAPES if name.split(".")[0] not in MAY_BE_IMPORTED} == set()


class TestAllFunctions:
    def test_deploy_every_handler_exactly_once(self) -> None:
        deployed = Counter(function.file for function in functions())

        assert [path for path, times in deployed.items() if times > 1] == []
        assert sorted(deployed) == handler_files()

    def test_share_no_route(self) -> None:
        routes = Counter((function.stack.name, *route) for function in functions() for route in function.routes)

        assert [route for route, times in routes.items() if times > 1] == []

    def test_stay_below_the_path_of_their_audience(self) -> None:
        for function in functions():
            for _, path in function.routes:
                assert path == "$default" or path.startswith(PREFIXES[function.stack.name])
                assert function.stack.name != "Storefront" or not path.startswith(("/v1/admin", "/v1/webhooks"))

    def test_are_described_by_the_openapi_document(self) -> None:
        document = json.loads((ROOT / "docs" / "openapi.json").read_text())
        described = {
            (method.upper(), path)
            for path, operations in document["paths"].items()
            for method in operations
            if method in {"get", "post", "put", "patch", "delete"}
        }
        routes = {route for function in functions() for route in function.routes if route[1] != "$default"}

        assert described == routes
