"""DynamoDB Local: the real engine, from the npm package that ships it. It needs Java and nothing else."""

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from local.engines.child import REPOSITORY, Child
from local.engines.ports import HOST, free_port

EMULATOR = REPOSITORY / "node_modules" / "amplify-dynamodb-simulator" / "emulator"
START_SECONDS = 30.0


def why_not() -> str | None:
    """Say why DynamoDB Local cannot run here, or None when it can."""
    if not (EMULATOR / "DynamoDBLocal.jar").exists():
        return "DynamoDB Local is not installed (run `npm ci`)"
    if shutil.which("java") is None:
        return "Java is not installed"
    return None


class DynamoDBLocal:
    """A running DynamoDB Local, in memory or in a folder; use it as a context manager.

    All credentials and regions share one set of tables. In a folder, acknowledged writes survive `kill -9`.
    """

    def __init__(self, *, port: int = 0, folder: Path | None = None, log: Path | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._folder = folder
        self._log = log
        self._child: Child | None = None

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it answers. Call it from the main thread."""
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
        place = ["-dbPath", str(self._folder)] if self._folder else ["-inMemory"]
        command = [
            "java",
            "-Xms64m",
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            f"-Djava.library.path={EMULATOR / 'DynamoDBLocal_lib'}",
            "-jar",
            str(EMULATOR / "DynamoDBLocal.jar"),
            *("-port", str(self.port), "-sharedDb", "-disableTelemetry", *place),
        ]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "DDB_LOCAL_TELEMETRY": "0"}
        self._child = Child(
            name="DynamoDB Local", command=command, port=self.port, log=self._log, environment=environment
        )

    def wait_ready(self) -> None:
        """Wait until it answers."""
        if self._child:
            self._child.wait_ready(seconds=START_SECONDS)

    def stop(self) -> None:
        """End the process."""
        if self._child:
            self._child.stop()
            self._child = None

    @property
    def pid(self) -> int:
        """The process id, 0 when it is not running."""
        return self._child.pid if self._child else 0

    def __enter__(self) -> Self:
        self.start()
        self.wait_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
