"""What a durable local store remembers beside its tables: secrets, stream positions, its clock."""

import fcntl
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO


@dataclass(slots=True)
class State:
    """The remembered values. `secrets` are SSM parameters by name."""

    secrets: dict[str, str] = field(default_factory=dict)
    checkpoints: dict[str, dict[str, str]] = field(default_factory=dict)
    clock_offset: float = 0.0
    seeded: bool = False


class DataInUse(Exception):
    """Another store works in the same folder."""


class StateFile:
    """The state in a file that only its owner may read; without a folder it lives in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "state.json" if folder else None
        self._lock = _lock(folder) if folder else None
        self.state = State()
        if self._file and self._file.exists():
            self.state = State(**json.loads(self._file.read_text(encoding="utf-8")))

    def save(self) -> None:
        """Write the state, whole or not at all."""
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(".draft")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(asdict(self.state), indent=1), encoding="utf-8")
            draft.replace(self._file)

    def close(self) -> None:
        """Let another store have the folder."""
        if self._lock:
            self._lock.close()

    def keep_checkpoints(self, checkpoints: Mapping[str, Mapping[str, str]]) -> None:
        """Remember how far the streams were read."""
        self.state.checkpoints = {key: dict(value) for key, value in checkpoints.items()}
        self.save()


def _lock(folder: Path) -> TextIO:
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        message = f"Another store keeps its data in {folder}. Stop it, or choose another folder: --data DIR"
        raise DataInUse(message) from error
    return lock
