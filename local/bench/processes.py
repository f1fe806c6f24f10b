"""Which processes work for the store, what they used of the processor, and how much memory they hold."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

GATEWAY, HANDLERS, ENGINE, OTHERS, DRIVER = "gateway", "handlers", "engine", "others", "driver"
PARTS = (GATEWAY, HANDLERS, ENGINE, OTHERS)
"""Others: moto and the local Stripe, which stand for AWS's and Stripe's own machines as the engine does."""


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds by part since the processes began."""

    seconds: Mapping[str, float]

    def since(self, before: "Usage") -> dict[str, float]:
        """Return what was used in between."""
        return {part: used - before.seconds.get(part, 0.0) for part, used in self.seconds.items()}


class Processes:
    """The processes of one store. `pids` is what the store says of itself."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self.peak_bytes = 0

    def usage(self) -> Usage:
        """Return what every part has used, ended workers included, and remember the highest memory."""
        seconds = dict.fromkeys((*PARTS, DRIVER), 0.0)
        held = 0
        for part, process in self._all():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                seconds[part] += times.user + times.system
                if part == HANDLERS:
                    seconds[part] += times.children_user + times.children_system
                if part != DRIVER:
                    held += _memory(process)
        self.peak_bytes = max(self.peak_bytes, held)
        return Usage(seconds)

    @property
    def worker_parent(self) -> int:
        """Return the process below which all workers are."""
        return self._pids["worker parent"]

    def _all(self) -> list[tuple[str, psutil.Process]]:
        names = {"runtime": GATEWAY, "worker parent": HANDLERS, "DynamoDB Local": ENGINE}
        found = [(DRIVER, psutil.Process())]
        for name, pid in self._pids.items():
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                part = names.get(name, OTHERS)
                found.append((part, process))
                if part == HANDLERS:
                    found += [(part, child) for child in process.children(recursive=True)]
        return found


def _memory(process: psutil.Process) -> int:
    """Return the process's share of memory: what workers share with their parent counts once."""
    info: Any = process.memory_full_info()
    return int(info.pss)
