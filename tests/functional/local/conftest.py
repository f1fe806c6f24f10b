"""The toy application on a running local store, shared by the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.running import RunningStore, running_store
from tests.support.dynamodb_local import require_java

TOY = Path(__file__).parent / "toyapp"


class Toy:
    """A running toy store as its tests speak to it."""

    def __init__(self, running: RunningStore) -> None:
        self.running = running
        self.web = httpx.Client(base_url=running.store_url, timeout=30, trust_env=False)
        self.control = httpx.Client(base_url=f"{running.control_url}/_local", timeout=60, trust_env=False)

    def put(self, thing: str, *, size: int = 1, **body: Any) -> None:
        answer = self.web.put(f"/v1/things/{thing}", json={"size": size, **body})
        assert answer.status_code == 201, answer.text

    def misbehave(self, mode: str) -> httpx.Response:
        return self.web.post("/v1/misbehave", json={"mode": mode})

    def drain(self, **parameters: Any) -> dict[str, Any]:
        outcome: dict[str, Any] = self.control.post("/drain", params=parameters).json()
        return outcome

    def tick(self, seconds: float) -> dict[str, Any]:
        outcome: dict[str, Any] = self.control.post("/tick", params={"seconds": seconds}).json()
        return outcome

    def items(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.control.get(path, params=parameters).json()["items"]
        return items

    def records(self, kind: str) -> list[str]:
        """What the toy workers recorded, as JSON texts in order of time."""
        return [item["body"] for item in self.items("/tables/RecordsTable", pk=kind)]

    def depth(self, queue: str) -> dict[str, int]:
        return next(entry for entry in self.items("/queues") if entry["logical_id"] == queue)

    def close(self) -> None:
        self.web.close()
        self.control.close()


@pytest.fixture(scope="session")
def toy_store() -> Iterator[Toy]:
    require_java()
    with running_store(
        template=TOY / "template.yaml",
        parameters={"SecretName": "/toy/secret", "AlertEmail": "alerts@example.com"},
        options=["--no-stripe", "--no-watch", "--patience=0"],
    ) as running:
        toy = Toy(running)
        yield toy
        toy.close()


@pytest.fixture
def toy(toy_store: Toy) -> Toy:
    """The toy store with nothing left to do."""
    toy_store.drain()
    return toy_store
