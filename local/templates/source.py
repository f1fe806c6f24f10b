"""Open template files and merge their Globals, as the SAM transform does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.templates.intrinsics import TemplateError

type Node = Any
"""A node of a parsed template: mapping, list or scalar, with intrinsics as one-key mappings."""

_GLOBAL_SECTIONS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::LayerVersion": "LayerVersion",
}


def read_template(file: Path) -> dict[str, Any]:
    """Parse one template and merge its Globals into its resources."""
    try:
        template = yaml_parse(file.read_text(encoding="utf-8"))  # type: ignore[no-untyped-call]
    except OSError as error:
        message = f"{file}: {error.strerror}"
        raise TemplateError(message) from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        message = f"{file}: not a template with Resources"
        raise TemplateError(message)
    sections: Mapping[str, Any] = template.get("Globals") or {}
    for resource in template["Resources"].values():
        section = _GLOBAL_SECTIONS.get(resource.get("Type", ""), "")
        properties = resource.get("Properties") or {}
        resource["Properties"] = merge_globals(sections[section], properties) if section in sections else properties
    return template


def merge_globals(base: Node, own: Node) -> Node:
    """Merge Globals into a property: maps merge, lists append, anything else (and any intrinsic) is replaced."""
    if isinstance(base, dict) and isinstance(own, dict) and not _is_intrinsic(base) and not _is_intrinsic(own):
        return base | {key: merge_globals(base[key], value) if key in base else value for key, value in own.items()}
    if isinstance(base, list) and isinstance(own, list):
        return [*base, *own]
    return own


def _is_intrinsic(node: Mapping[str, Any]) -> bool:
    return len(node) == 1 and next(iter(node)).startswith(("Fn::", "Ref"))
