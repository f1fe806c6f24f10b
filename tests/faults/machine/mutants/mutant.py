"""A deliberate fault in the code under test, made in memory and taken back."""

import ast
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from tests.faults.machine.mutants.trials import Trial


class DoesNotFit(Exception):
    """A mutant is not true to the code any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a function's text, which it holds exactly once, and what stands there instead.

    :ivar function: where it is, as pkgutil.resolve_name reads it: `commerce.checkout.settlement:settle`.
    """

    function: str
    old: str
    new: str

    @contextmanager
    def made(self) -> Iterator[None]:
        """Run with the change. The function stays the same object, so that everybody who imported it has the change.

        :raises DoesNotFit: when the text is not there exactly once.
        """
        function = self.of()
        source = source_of(function)
        if source.count(self.old) != 1:
            message = f"{self.function} holds {source.count(self.old)} times: {self.old}"
            raise DoesNotFit(message)
        before, function.__code__ = function.__code__, _compiled(source.replace(self.old, self.new), function)
        try:
            yield
        finally:
            function.__code__ = before

    def of(self) -> FunctionType:
        """Return the function that is changed."""
        try:
            found: Any = pkgutil.resolve_name(self.function)
        except (AttributeError, ImportError) as error:
            raise DoesNotFit(str(error)) from error
        if isinstance(found, property):
            found = found.fget
        found = inspect.unwrap(getattr(found, "__func__", found))
        if not isinstance(found, FunctionType):
            message = f"{self.function} is no function"
            raise DoesNotFit(message)
        return found


@cache
def source_of(function: FunctionType) -> str:
    """Return a function's text as it was when somebody first asked: files may change while the proof runs."""
    return textwrap.dedent(inspect.getsource(function))


def _compiled(source: str, function: FunctionType) -> CodeType:
    """Return a function's code made of another source. Decorators are there already, and defaults stay as they are."""
    tree = ast.parse(source)
    ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
    for definition in tree.body:
        if isinstance(definition, ast.FunctionDef):
            definition.decorator_list.clear()
    module = compile(tree, function.__code__.co_filename, "exec", dont_inherit=True)
    return next(code for code in _codes(module) if code.co_name == function.__name__)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Return the code objects within another, the outer ones first."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    yield from inner
    for each in inner:
        yield from _codes(each)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake that somebody could make.

    :ivar why: how one comes to make it.
    :ivar function: where it is made; `old` stands there once, and `new` takes its place.
    :ivar kills: what is tried against it, until a promise is broken.
    :ivar besides: what else changes, where the code guards a promise twice.
    """

    name: str
    why: str
    function: str
    old: str
    new: str
    kills: tuple[Trial, ...]
    besides: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        for change in self.changes:
            with suppress(DoesNotFit):
                source_of(change.of())

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return all that is changed."""
        return Change(self.function, self.old, self.new), *self.besides

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Run with the mistake.

        :raises DoesNotFit: when it is not true to the code any more.
        """
        with ExitStack() as made:
            for change in self.changes:
                made.enter_context(change.made())
            yield
