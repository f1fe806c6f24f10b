"""Rules: hand each event of a bus to the targets whose pattern it fits."""

import json
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from local.engines.clients import Clients
from local.pumps.invocations import AsyncInvoker
from local.pumps.patterns import matches
from local.pumps.targets import payload
from local.pumps.threads import Threads
from local.templates import Application, Rule, Target

KEPT_EVENTS = 10_000


class Post:
    """Sends documents to queues and topics by ARN."""

    def __init__(self, application: Application, *, clients: Clients, threads: Threads) -> None:
        self.application = application
        self._clients = clients
        self._threads = threads

    async def send_to(self, arn: str, document: Any, attributes: Mapping[str, str]) -> None:
        """Send a document. Attributes go with messages to queues."""
        text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
        if ":sns:" in arn:
            await self._threads.run(lambda: self._clients.sns.publish(TopicArn=arn, Message=text))
            return
        queue = self.application.queue(arn)
        given = {name: {"DataType": "String", "StringValue": value or "-"} for name, value in attributes.items()}
        await self._threads.run(
            lambda: self._clients.sqs.send_message(
                QueueUrl=queue.url,
                MessageBody=text,
                MessageAttributes=given,  # type: ignore[arg-type]
            )
        )


class BusPump:
    """All rules of an application, and the events that went over its buses, in order."""

    def __init__(self, application: Application, *, invoker: AsyncInvoker, post: Post, tally: Counter[str]) -> None:
        self.application = application
        self.history: deque[dict[str, Any]] = deque(maxlen=KEPT_EVENTS)
        self._invoker = invoker
        self._post = post
        self._tally = tally

    async def dispatch(self, bus: str, event: Mapping[str, Any]) -> None:
        """Deliver one event to every target of every rule that it fits."""
        self._tally["events"] += 1
        rules = [
            rule for rule in self.application.rules if rule.enabled and rule.bus == bus and matches(rule.pattern, event)
        ]
        self.history.append({"bus": bus, "rules": [rule.name for rule in rules], "event": event})
        for rule in rules:
            for target in rule.targets:
                await self._deliver(rule, target, event)

    async def _deliver(self, rule: Rule, target: Target, event: Mapping[str, Any]) -> None:
        document = payload(target, event, rule_arn=rule.arn)
        try:
            if ":lambda:" in target.arn:
                self._invoker.submit(target.arn, document)
            elif ":logs:" not in target.arn:
                await self._post.send_to(target.arn, document, {})
        except (KeyError, ClientError) as error:
            self._tally["undelivered_events"] += 1
            if target.dead_letter_arn:
                attributes = {
                    "RULE_ARN": rule.arn,
                    "TARGET_ARN": target.arn,
                    "ERROR_CODE": type(error).__name__,
                    "ERROR_MESSAGE": str(error),
                }
                await self._post.send_to(target.dead_letter_arn, event, attributes)
