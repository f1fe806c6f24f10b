"""Read a SAM application (root template and nested stacks) as typed, locally named resources.

The reader is pure: it opens template files and nothing else. The local store, the tests' table set-up
and the architecture tests all use it, so each of them sees what is deployed.
"""

from local.templates.intrinsics import TemplateError
from local.templates.model import (
    Api,
    Application,
    AsyncConfig,
    Authorizer,
    Behavior,
    Bucket,
    Bus,
    Cors,
    CustomResource,
    EmailIdentity,
    Function,
    Index,
    Parameter,
    Queue,
    QueueMapping,
    RetryPolicy,
    Route,
    Rule,
    Schedule,
    Statement,
    StreamMapping,
    Subscription,
    Table,
    Target,
    Throttle,
    Topic,
)
from local.templates.names import LocalNames
from local.templates.reader import load_application

__all__ = [
    "Api",
    "Application",
    "AsyncConfig",
    "Authorizer",
    "Behavior",
    "Bucket",
    "Bus",
    "Cors",
    "CustomResource",
    "EmailIdentity",
    "Function",
    "Index",
    "LocalNames",
    "Parameter",
    "Queue",
    "QueueMapping",
    "RetryPolicy",
    "Route",
    "Rule",
    "Schedule",
    "Statement",
    "StreamMapping",
    "Subscription",
    "Table",
    "Target",
    "TemplateError",
    "Throttle",
    "Topic",
    "load_application",
]
