"""One stack of an application: parameters, conditions, resources and nested stacks, resolved lazily."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.templates.intrinsics import NO_VALUE, Node, Resolver, TemplateError
from local.templates.names import Identity, LocalNames, identify
from local.templates.source import read_template

_NESTED = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource whose condition holds. `properties` are resolved, `body` is the source."""

    stack: "Stack"
    logical_id: str
    kind: str
    properties: Mapping[str, Any]
    body: Mapping[str, Any]
    identity: Identity


class Stack:
    """A template with the values of its parameters. Reading never changes it."""

    def __init__(self, *, file: Path, path: str, name: str, names: LocalNames, parameters: Mapping[str, Any]) -> None:
        self.file = file
        self.path = path
        self.name = name
        self.names = names
        self._template = read_template(file)
        self._given = parameters
        self._resolver = Resolver(self)
        self._nested: dict[str, Stack] = {}
        self._conditions: dict[str, bool] = {}
        self._resolving: set[str] = set()
        self.mappings: Mapping[str, Any] = self._template.get("Mappings") or {}

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The value of every declared parameter: given, or its default."""
        values: dict[str, Any] = {}
        for name, declared in (self._template.get("Parameters") or {}).items():
            value = self._given.get(name, declared.get("Default"))
            if value is None:
                message = f"{self.file}: parameter {name} has no default and was not given"
                raise TemplateError(message)
            listed = declared.get("Type", "String") in ("CommaDelimitedList", "List<String>")
            values[name] = [part.strip() for part in str(value).split(",")] if listed else _scalar(value)
        return values

    def reference(self, name: str) -> Node:
        """Answer `Ref`."""
        if name in self.parameters:
            return self.parameters[name]
        if name.startswith("AWS::"):
            return self._pseudo(name)
        # SAM makes resources of its own, which templates may name: MyApi.Stage, MyFunction.Alias.
        return "$default" if name.endswith(".Stage") else self._identity(name.partition(".")[0]).ref

    def attribute(self, logical_id: str, attribute: str) -> Node:
        """Answer `Fn::GetAtt`; `Outputs.X` reads a nested stack."""
        if attribute.startswith("Outputs."):
            return self.nested(logical_id).output(attribute.removeprefix("Outputs."))
        if logical_id.endswith("Role") and logical_id not in self._bodies:
            return f"arn:aws:iam::{self.names.account}:role/{self.name}-{logical_id}"
        identity = self._identity(logical_id)
        return identity.attributes.get(attribute, f"{identity.ref}.{attribute}")

    def condition(self, name: str) -> bool:
        """Evaluate a named condition."""
        if name not in self._conditions:
            declared = self._template.get("Conditions") or {}
            if name not in declared:
                message = f"{self.file}: no condition {name}"
                raise TemplateError(message)
            self._conditions[name] = self._resolver.truth(declared[name])
        return self._conditions[name]

    def resolve(self, node: Node) -> Node:
        """Resolve any node of this template."""
        return self._resolver.resolve(node)

    def output(self, name: str) -> Node:
        """Resolve one output."""
        declared = self._template.get("Outputs") or {}
        if name not in declared:
            message = f"{self.file}: no output {name}"
            raise TemplateError(message)
        if name in self._resolving:
            message = f"{self.file}: output {name} depends on itself"
            raise TemplateError(message)
        self._resolving.add(name)
        try:
            return self.resolve(declared[name]["Value"])
        finally:
            self._resolving.discard(name)

    @property
    def output_names(self) -> tuple[str, ...]:
        """The outputs whose condition holds."""
        outputs: Mapping[str, Any] = self._template.get("Outputs") or {}
        return tuple(
            name for name, body in outputs.items() if "Condition" not in body or self.condition(body["Condition"])
        )

    def nested(self, logical_id: str) -> "Stack":
        """Open a nested stack; its parameters are resolved when they are asked for."""
        if logical_id not in self._nested:
            body = self._bodies.get(logical_id)
            if body is None or body["Type"] not in _NESTED:
                message = f"{self.file}: {logical_id} is not a nested stack"
                raise TemplateError(message)
            location = self.resolve(body["Properties"][_NESTED[body["Type"]]])
            self._nested[logical_id] = Stack(
                file=(self.file.parent / location).resolve(),
                path=f"{self.path}/{logical_id}" if self.path else logical_id,
                name=f"{self.name}-{logical_id}",
                names=self.names,
                parameters=_LazyParameters(self, body["Properties"].get("Parameters") or {}),
            )
        return self._nested[logical_id]

    def resources(self) -> Iterator[Resource]:
        """Walk the resources of this stack whose condition holds, nested stacks left out."""
        for logical_id, body in self._bodies.items():
            if body["Type"] not in _NESTED:
                properties = self.resolve(body["Properties"])
                yield Resource(self, logical_id, body["Type"], properties, body, self._identity(logical_id))

    def stacks(self) -> Iterator["Stack"]:
        """Walk this stack and all stacks below it."""
        yield self
        for logical_id, body in self._bodies.items():
            if body["Type"] in _NESTED:
                yield from self.nested(logical_id).stacks()

    @cached_property
    def _bodies(self) -> dict[str, dict[str, Any]]:
        return {
            logical_id: body
            for logical_id, body in self._template["Resources"].items()
            if "Condition" not in body or self.condition(body["Condition"])
        }

    def _identity(self, logical_id: str) -> Identity:
        body = self._bodies.get(logical_id)
        if body is None and logical_id == "ServerlessHttpApi":
            body = {"Type": "AWS::Serverless::HttpApi", "Properties": {}}
        if body is None:
            message = f"{self.file}: no resource or parameter {logical_id}"
            raise TemplateError(message)
        named = {
            key: self.resolve(value)
            for key, value in body["Properties"].items()
            if key.endswith("Name") or key in ("FifoQueue", "Type", "Value")
        }
        kept = {key: value for key, value in named.items() if value is not NO_VALUE}
        return identify(names=self.names, stack=self.name, logical_id=logical_id, kind=body["Type"], properties=kept)

    def _pseudo(self, name: str) -> Node:
        values: dict[str, Node] = {
            "AWS::NoValue": NO_VALUE,
            "AWS::Region": self.names.region,
            "AWS::AccountId": self.names.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.name,
            "AWS::StackId": self.names.arn("cloudformation", f"stack/{self.name}/local"),
            "AWS::NotificationARNs": [],
        }
        if name not in values:
            message = f"{self.file}: pseudo parameter {name} is not supported"
            raise TemplateError(message)
        return values[name]


class _LazyParameters(Mapping[str, Any]):
    """Parameters handed to a nested stack, resolved in the parent when they are read.

    Two nested stacks may feed each other through outputs as long as no single value goes in a circle.
    """

    def __init__(self, parent: Stack, nodes: Mapping[str, Node]) -> None:
        self._parent = parent
        self._nodes = nodes

    def __getitem__(self, name: str) -> Node:
        return self._parent.resolve(self._nodes[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


def _scalar(value: Node) -> Node:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
