"""Two changes at once, in a chosen order: something else happens between a change's reads and its commit."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from commerce.catalog import operations
from commerce.kernel import transactions
from tests.support import store


def before_the_first_commit[T](monkeypatch: pytest.MonkeyPatch, other: Callable[[], T]) -> list[T]:
    """Run `other` when the catalog is about to commit for the first time; what it answered stands in the list.

    `other` may call the same endpoint: like a second Lambda, it loads the handler for itself.
    """
    answers: list[T] = []

    def commit(writes: Iterable[Any]) -> None:
        monkeypatch.setattr(operations, "commit", transactions.commit)
        process = store.PROCESS.set(1)
        answers.append(other())
        store.PROCESS.reset(process)
        transactions.commit(writes)

    monkeypatch.setattr(operations, "commit", commit)
    return answers
