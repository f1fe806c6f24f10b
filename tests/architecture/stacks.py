"""The four templates: as they are written, and as SAM translates them."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
NESTED = {"Storefront": "storefront", "Admin": "admin", "Workers": "workers"}
REFERENCE = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")

Template = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """One template. `written` is the file, `translated` what CloudFormation gets."""

    name: str
    path: Path
    written: Template
    translated: Template

    def of_type(self, kind: str) -> dict[str, Template]:
        """Return the translated resources of a type, by logical id."""
        return {name: it for name, it in self.translated["Resources"].items() if it["Type"] == kind}

    def functions(self) -> Iterator["Function"]:
        """Return the functions as written, with what the template's Globals add to each."""
        shared = self.written.get("Globals", {}).get("Function", {})
        for name, it in self.written["Resources"].items():
            if it["Type"] == "AWS::Serverless::Function":
                own = it["Properties"]
                variables = {
                    **shared.get("Environment", {}).get("Variables", {}),
                    **own.get("Environment", {}).get("Variables", {}),
                }
                layers = [*shared.get("Layers", []), *own.get("Layers", [])]
                yield Function(self, name, {**shared, **own, "Layers": layers}, variables)


@dataclass(frozen=True)
class Function:
    """One function of a template."""

    stack: Stack
    name: str
    properties: Template
    variables: dict[str, Any]

    @property
    def file(self) -> Path:
        module = self.properties["Handler"].split(".")[0]
        return Path(self.stack.path.parent, self.properties["CodeUri"], f"{module}.py")

    @property
    def label(self) -> str:
        """Return the handler's path below functions/ without its suffix."""
        return str(self.file.relative_to(ROOT / "functions").with_suffix(""))

    @property
    def events(self) -> list[Template]:
        return list(self.properties.get("Events", {}).values())

    @property
    def routes(self) -> list[tuple[str, str]]:
        found = [event["Properties"] for event in self.events if event["Type"] == "HttpApi"]
        return [(route["Method"], route["Path"]) for route in found]

    @property
    def statements(self) -> list[Template]:
        """Return all statements of the function's role."""
        role = self.stack.written["Resources"].get(self.name.removesuffix("Function") + "Role", {})
        policies = role.get("Properties", {}).get("Policies", [])
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]

    @property
    def is_invoked_asynchronously(self) -> bool:
        """Return whether Lambda itself keeps the event: a clock, a rule, or CloudFormation calls."""
        clocked = any(
            event["Type"] in {"Schedule", "ScheduleV2", "EventBridgeRule", "S3", "SNS"} for event in self.events
        )
        return clocked or self.makes_a_custom_resource

    @property
    def makes_a_custom_resource(self) -> bool:
        resources = self.stack.written["Resources"].values()
        custom = [it for it in resources if it["Type"].startswith(("Custom::", "AWS::CloudFormation::CustomResource"))]
        return any(self.name in set(references(it)) for it in custom)

    @property
    def is_an_authorizer(self) -> bool:
        apis = [it for it in self.stack.written["Resources"].values() if it["Type"] == "AWS::Serverless::HttpApi"]
        return any(self.name in set(references(api["Properties"].get("Auth", {}))) for api in apis)


def references(value: Any) -> Iterator[str]:
    """Return the logical ids and parameters that a piece of a template names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else inner.split(".")[0]
            elif key == "Fn::Sub":
                text, given = (inner, {}) if isinstance(inner, str) else inner
                yield from (name for name in REFERENCE.findall(text) if name not in given)
                yield from references(given)
            elif key == "DependsOn":
                yield from [inner] if isinstance(inner, str) else inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def read(path: Path) -> Template:
    """Return a template as it is written, its aliases spelled out."""
    template: Template = copy.deepcopy(yaml_parse(path.read_text()))
    return template


def translate(written: Template) -> Template:
    """Return what CloudFormation gets. Code stands in a bucket by then."""
    template = copy.deepcopy(written)
    for it in template["Resources"].values():
        match it["Type"]:
            case "AWS::Serverless::Function":
                it["Properties"]["CodeUri"] = "s3://bucket/code"
            case "AWS::Serverless::LayerVersion":
                it["Properties"]["ContentUri"] = "s3://bucket/layer"
            case "AWS::Serverless::Application":
                it["Properties"]["Location"] = "https://bucket.example/template"
    parameters = {name: it.get("Default", "given") for name, it in template.get("Parameters", {}).items()}
    session = boto3.Session(region_name="us-east-1")
    translated: Template = Translator({}, Parser(), boto_session=session).translate(template, parameters)
    return translated


def stack(name: str, path: Path, written: Template | None = None) -> Stack:
    """Return a stack from its file, or from a changed copy of what stands there."""
    template = read(path) if written is None else written
    return Stack(name, path, template, translate(template))


@lru_cache(maxsize=1)
def stacks() -> dict[str, Stack]:
    """Return the root stack and the nested ones."""
    nested = {name: ROOT / "functions" / folder / "template.yaml" for name, folder in NESTED.items()}
    return {name: stack(name, path) for name, path in {"Root": ROOT / "template.yaml", **nested}.items()}


def functions() -> list[Function]:
    """Return every function of the store."""
    return [function for it in stacks().values() for function in it.functions()]


def handler_files() -> list[Path]:
    """Return every file that is an entry point."""
    return sorted(path for path in (ROOT / "functions").glob("*/*/*.py") if path.name != "__init__.py")


def in_words(value: Any, parameters: Template | None = None) -> str:
    """Return an intrinsic as one line, with the parameters of a nested stack replaced by what the root passes."""
    match value:
        case {"Ref": name}:
            return in_words(parameters[name]) if parameters and name in parameters else str(name)
        case {"Fn::GetAtt": [name, *rest]}:
            return ".".join([name, *rest])
        case {"Fn::GetAtt": str(name)}:
            return name
        case {"Fn::Sub": [str(text), dict()]} | {"Fn::Sub": str(text)}:
            return re.sub(
                r"\$\{([A-Za-z0-9]+)(\.[A-Za-z.]+)?\}",
                lambda found: in_words({"Ref": found[1]}, parameters) + (found[2] or ""),
                text,
            )
        case _:
            return str(value)


def passed_to(name: str) -> Template:
    """Return the parameters that the root passes to a nested stack."""
    given: Template = stacks()["Root"].written["Resources"][name]["Properties"]["Parameters"]
    return given
