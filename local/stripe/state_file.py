"""Keeping the ledger in a file, so that a restarted store finds its payments again."""

import json
from pathlib import Path

from local.stripe.ledger import Ledger


class StateFile:
    """Save the ledger when it has changed; a crash while saving leaves the file of before."""

    def __init__(self, path: Path, ledger: Ledger) -> None:
        """Take over what the file holds, if there is one."""
        self._path = path
        self._ledger = ledger
        if path.exists():
            ledger.restore(json.loads(path.read_text(encoding="utf-8")))
        self._saved_version = ledger.version

    def save(self) -> None:
        """Write the file unless it is up to date."""
        if self._saved_version == self._ledger.version:
            return
        version = self._ledger.version
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(f"{self._path.suffix}.draft")
        draft.write_text(json.dumps(self._ledger.snapshot()), encoding="utf-8")
        draft.replace(self._path)
        self._saved_version = version
