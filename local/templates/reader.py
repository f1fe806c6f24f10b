"""Turn a tree of stacks into an `Application`."""

from collections.abc import Mapping
from pathlib import Path

from local.templates import apis, functions, messaging, storage
from local.templates.model import Application
from local.templates.names import LocalNames
from local.templates.stack import Stack


def load_application(
    template: Path, *, names: LocalNames | None = None, parameters: Mapping[str, str] | None = None
) -> Application:
    """Read the root template and all stacks below it.

    `parameters` are the root stack's; one without default that is missing raises TemplateError.
    """
    names = names or LocalNames()
    root = Stack(file=template.resolve(), path="", name=names.stack, names=names, parameters=parameters or {})
    stacks = tuple(root.stacks())
    resources = tuple(resource for stack in stacks for resource in stack.resources())
    found = functions.read_functions(resources)
    all_apis = apis.read_apis(resources)
    return Application(
        root=template.resolve().parent,
        template_files=tuple(dict.fromkeys(stack.file for stack in stacks)),
        outputs={name: root.output(name) for name in root.output_names},
        functions={function.name: function for function in found},
        apis={api.id: api for api in all_apis},
        routes=apis.read_routes(resources, {api.id: api for api in all_apis}),
        behaviors=apis.read_behaviors(resources),
        tables={table.name: table for table in storage.read_tables(resources)},
        queues=storage.read_queues(resources),
        buses=messaging.read_buses(resources),
        rules=messaging.read_rules(resources),
        queue_mappings=messaging.read_queue_mappings(resources),
        stream_mappings=messaging.read_stream_mappings(resources),
        schedules=messaging.read_schedules(resources),
        topics=storage.read_topics(resources),
        subscriptions=messaging.read_subscriptions(resources),
        parameters=storage.read_parameters(resources),
        buckets=storage.read_buckets(resources),
        email_identities=storage.read_email_identities(resources),
        custom_resources=functions.read_custom_resources(resources),
    )
