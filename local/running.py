"""Run a local store as a process of its own, for tests and benchmarks."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.options import ROOT

START_SECONDS = 60.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunningStore:
    """A store that answers. `info` is what /_local/info said when it opened."""

    process: subprocess.Popen[bytes]
    info: Mapping[str, Any]

    @property
    def store_url(self) -> str:
        """The store's base URL."""
        return str(self.info["store_url"])

    @property
    def control_url(self) -> str:
        """The control surface's base URL."""
        return str(self.info["control_url"])


@contextmanager
def running_store(
    *,
    template: Path = ROOT / "template.yaml",
    parameters: Mapping[str, str] | None = None,
    data: Path | None = None,
    seed: bool = False,
    options: Sequence[str] = (),
) -> Iterator[RunningStore]:
    """Run a store on free ports for as long as the block runs. Call it from the main thread."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "local.run", "--template", str(template), "--ready-file", str(ready)]
        command += ["--port", "0", "--control-port", "0", "--stripe-port", "0", "--data", str(data or "memory")]
        command += ["--quiet", *([] if seed else ["--no-seed"]), *options]
        for name, value in (parameters or {}).items():
            command += ["--parameter", f"{name}={value}"]
        log = Path(folder) / "store.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    message = f"the local store did not start: {log.read_text(errors='replace')}"
                    raise RuntimeError(message)
                time.sleep(0.02)
            yield RunningStore(process, json.loads(ready.read_text(encoding="utf-8")))
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
