"""Schedules."""

from toys import record


def handler(event, context):
    record("sweep", event)
