"""What clients were told. A promise that was made over HTTP is kept, whatever happens later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.support.store import Answer


@dataclass(frozen=True, slots=True)
class Told:
    """One request and its answer; None: the function died, and the client saw an error of the gateway."""

    method: str
    path: str
    headers: Mapping[str, str]
    answer: Answer | None
    at: datetime

    @property
    def is_success(self) -> bool:
        return self.answer is not None and 200 <= self.answer.status < 300


class History:
    """All requests and answers of a case, in order."""

    def __init__(self) -> None:
        self._told: list[Told] = []

    def __iter__(self) -> Iterator[Told]:
        return iter(self._told)

    def heard(self, told: Told) -> None:
        """Write an answer down."""
        self._told.append(told)

    def put_back(self, told: list[Told]) -> None:
        """Know this and nothing else."""
        self._told = list(told)
