"""Carry what happens to the functions that want it: queues, rules, streams, schedules, notifications."""

from local.pumps.station import Pumps

__all__ = ["Pumps"]
