"""Resolve CloudFormation intrinsic functions inside one stack."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

type Node = Any
"""A node of a parsed template: mapping, list or scalar, with intrinsics as one-key mappings."""


class TemplateError(ValueError):
    """A template says something that the reader cannot follow."""


class _NoValue:
    """What `AWS::NoValue` stands for: the property is not there."""


NO_VALUE = _NoValue()


class Lookup(Protocol):
    """What the resolver needs to know of the stack that it works in."""

    mappings: Mapping[str, Any]

    def reference(self, name: str) -> Node:
        """Answer `Ref`: parameter, pseudo parameter or resource."""

    def attribute(self, logical_id: str, attribute: str) -> Node:
        """Answer `Fn::GetAtt`."""

    def condition(self, name: str) -> bool:
        """Evaluate a named condition."""


class Resolver:
    """Replaces intrinsics in a node by their local values."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._functions: dict[str, Callable[[Node], Node]] = {
            "Ref": lookup.reference,
            "Condition": lookup.condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::Not": lambda value: not self.truth(value[0]),
            "Fn::And": lambda value: all(self.truth(part) for part in value),
            "Fn::Or": lambda value: any(self.truth(part) for part in value),
            "Fn::Base64": self.resolve,
            "Fn::GetAZs": lambda _value: ["us-east-1a", "us-east-1b"],
            "Fn::Length": lambda value: len(self.resolve(value)),
            "Fn::ToJsonString": self._to_json,
        }

    def resolve(self, node: Node) -> Node:
        """Resolve a node; keys and items whose value is `AWS::NoValue` disappear."""
        if isinstance(node, dict):
            if len(node) == 1:
                name, value = next(iter(node.items()))
                if name in self._functions and (name != "Condition" or isinstance(value, str)):
                    return self._functions[name](value)
                if name.startswith("Fn::"):
                    message = f"{name} is not supported"
                    raise TemplateError(message)
            resolved = {key: self.resolve(value) for key, value in node.items()}
            return {key: value for key, value in resolved.items() if value is not NO_VALUE}
        if isinstance(node, list):
            return [value for value in map(self.resolve, node) if value is not NO_VALUE]
        return node

    def truth(self, node: Node) -> bool:
        """Evaluate a condition expression."""
        value = self.resolve(node)
        return value if isinstance(value, bool) else str(value).lower() == "true"

    def _get_att(self, value: Node) -> Node:
        logical_id, attribute = value.split(".", 1) if isinstance(value, str) else (value[0], ".".join(value[1:]))
        return self._lookup.attribute(logical_id, attribute)

    def _sub(self, value: Node) -> str:
        text, own = (value, {}) if isinstance(value, str) else (value[0], value[1])

        def replace(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return _text(self.resolve(own[name]))
            if "." in name:
                return _text(self._get_att(name))
            return _text(self._lookup.reference(name))

        return re.sub(r"\$\{([^}]*)\}", replace, text)

    def _join(self, value: Node) -> str:
        return str(value[0]).join(_text(part) for part in self.resolve(value[1]))

    def _select(self, value: Node) -> Node:
        return self.resolve(value[1])[int(self.resolve(value[0]))]

    def _split(self, value: Node) -> list[str]:
        return str(self.resolve(value[1])).split(str(value[0]))

    def _find_in_map(self, value: Node) -> Node:
        node: Node = self._lookup.mappings
        for key in (self.resolve(part) for part in value[:3]):
            node = node[key]
        return self.resolve(node)

    def _if(self, value: Node) -> Node:
        return self.resolve(value[1] if self._lookup.condition(value[0]) else value[2])

    def _equals(self, value: Node) -> bool:
        left, right = (self.resolve(part) for part in value)
        return _text(left) == _text(right)

    def _to_json(self, value: Node) -> str:
        return json.dumps(self.resolve(value))


def _text(value: Node) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_text, value)) if isinstance(value, list) else str(value)
