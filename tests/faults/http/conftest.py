"""The whole store over HTTP, one for each setting that the examples ask for, and the operations of its document."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from local.running import running_store
from tests.support.document import Operation, operations
from tests.support.dynamodb_local import require_java
from tests.support.examples import EXAMPLES
from tests.support.scene import Scene

HERE = Path(__file__).parent

type SceneOf = Callable[[Operation], Scene]


@pytest.fixture(scope="session")
def scene_of() -> Iterator[SceneOf]:
    """Return the shop in which an operation's example is played; each is opened when it is first asked for."""
    require_java()
    with ExitStack() as open_stores:

        @cache
        def opened(capture: str) -> Scene:
            parameters = {
                "CaptureMethod": capture,
                "OpenCheckoutsPerNetwork": "10000",
                "GiftCardLookupsPerNetwork": "10000",
            }
            scene = Scene(
                open_stores.enter_context(running_store(parameters=parameters, options=["--no-watch", "--patience=0"]))
            )
            open_stores.callback(scene.close)
            scene.set_up()
            return scene

        yield lambda operation: opened(EXAMPLES[operation.id].capture)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give `operation` to every test that asks for one: all, or those that its class chooses by `chooses`."""
    if "operation" in metafunc.fixturenames:
        chooses = getattr(metafunc.cls, "chooses", lambda _: True)
        chosen = [each for each in operations().values() if chooses(each)]
        promise = getattr(metafunc.cls, "promise", "")
        metafunc.parametrize("operation", chosen, ids=[f"{promise}-{each.id}".strip("-") for each in chosen])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Play all about one operation together, while its workers are warm."""
    order = {name: place for place, name in enumerate(operations())}

    def place(item: pytest.Item) -> int:
        callspec = getattr(item, "callspec", None)
        operation = callspec.params.get("operation") if callspec else None
        return order[operation.id] if operation else -1

    own = [place for place, item in enumerate(items) if item.path.is_relative_to(HERE)]
    for position, item in zip(own, sorted((items[position] for position in own), key=place), strict=True):
        items[position] = item
