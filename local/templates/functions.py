"""Read functions, their roles and the custom resources that they serve."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.templates.model import AsyncConfig, CustomResource, Function, Statement
from local.templates.stack import Resource

FUNCTION = "AWS::Serverless::Function"


def read_functions(resources: Iterable[Resource]) -> tuple[Function, ...]:
    """Read every `AWS::Serverless::Function`."""
    everything = tuple(resources)
    layers = {
        resource.identity.ref: (resource.stack.file.parent / str(resource.properties["ContentUri"])).resolve()
        for resource in everything
        if resource.kind == "AWS::Serverless::LayerVersion"
    }
    roles = {resource.identity.attributes["Arn"]: resource for resource in everything if _is(resource, "Role")}
    policies = [resource for resource in everything if _is(resource, "Policy") or _is(resource, "ManagedPolicy")]
    return tuple(
        _read_function(resource, layers, roles, policies) for resource in everything if resource.kind == FUNCTION
    )


def _is(resource: Resource, kind: str) -> bool:
    return resource.kind == f"AWS::IAM::{kind}"


def _read_function(
    resource: Resource, layers: Mapping[str, Path], roles: Mapping[str, Resource], policies: list[Resource]
) -> Function:
    properties = resource.properties
    role = roles.get(str(properties.get("Role", "")))
    attached: list[Statement] = list(_inline_statements(properties.get("Policies")))
    if role:
        attached += _inline_statements(role.properties.get("Policies"))
        for policy in policies:
            if role.identity.ref in policy.properties.get("Roles", ()):
                attached += _document_statements(policy.properties.get("PolicyDocument") or {})
    return Function(
        logical_id=resource.logical_id,
        stack=resource.stack.path,
        name=resource.identity.ref,
        arn=resource.identity.attributes["Arn"],
        code_dir=(resource.stack.file.parent / str(properties.get("CodeUri", "."))).resolve(),
        handler=str(properties["Handler"]),
        runtime=str(properties.get("Runtime", "")),
        timeout=int(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        environment={
            key: str(value).lower() if isinstance(value, bool) else str(value)
            for key, value in (properties.get("Environment") or {}).get("Variables", {}).items()
        },
        layers=tuple(layers[layer] for layer in properties.get("Layers", ()) if layer in layers),
        role=role.logical_id if role else None,
        statements=tuple(attached),
        async_config=_read_async_config(properties),
        reserved_concurrency=_optional_int(properties.get("ReservedConcurrentExecutions")),
    )


def _read_async_config(properties: Mapping[str, Any]) -> AsyncConfig:
    config = properties.get("EventInvokeConfig") or {}
    destination = (config.get("DestinationConfig") or {}).get("OnFailure") or {}
    dead_letter = properties.get("DeadLetterQueue") or properties.get("DeadLetterConfig") or {}
    return AsyncConfig(
        retries=int(config.get("MaximumRetryAttempts", 2)),
        max_age_seconds=int(config.get("MaximumEventAgeInSeconds", 21_600)),
        on_failure_arn=destination.get("Destination"),
        dead_letter_arn=dead_letter.get("TargetArn"),
    )


def _inline_statements(policies: Any) -> Iterator[Statement]:
    for policy in policies if isinstance(policies, list) else [policies] if policies else []:
        if not isinstance(policy, dict):
            continue
        if "PolicyDocument" in policy:
            yield from _document_statements(policy["PolicyDocument"])
        elif "Statement" in policy:
            yield from _document_statements(policy)


def _document_statements(document: Mapping[str, Any]) -> Iterator[Statement]:
    for statement in _listed(document.get("Statement")):
        yield Statement(
            effect=statement.get("Effect", "Allow"),
            actions=tuple(_listed(statement.get("Action"))),
            resources=tuple(map(str, _listed(statement.get("Resource")))),
            condition=statement.get("Condition") or {},
        )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _optional_int(value: object) -> int | None:
    return None if value is None else int(str(value))


def read_custom_resources(resources: Iterable[Resource]) -> tuple[CustomResource, ...]:
    """Read `Custom::*` and `AWS::CloudFormation::CustomResource`, in template order."""
    return tuple(
        CustomResource(
            logical_id=resource.logical_id,
            stack=resource.stack.path,
            kind=resource.kind,
            service_token=str(resource.properties["ServiceToken"]),
            properties=resource.properties,
        )
        for resource in resources
        if re.match(r"Custom::|AWS::CloudFormation::CustomResource$", resource.kind)
    )
