"""One call that fails, before it was done or after, with its answer lost."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class Killed(BaseException):
    """The process is gone: nothing is tidied up that a real death would leave."""


class Faults:
    """Fails the ``at``-th call of all that are watched, once."""

    def __init__(self, at: int, error: type[BaseException], *, done: bool) -> None:
        self.at, self.error, self.done = at, error, done
        self.calls = 0

    def watch(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            self.calls += 1
            mine = self.calls == self.at
            if mine and not self.done:
                raise self.error
            result = act(*given, **named)
            if mine:
                raise self.error
            return result

        return called


@contextmanager
def failing(faults: Faults, places: Iterable[tuple[Any, str]]) -> Iterator[None]:
    """Watch what stands at some places, each an owner and a name of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in places:
            patch.setattr(owner, name, faults.watch(getattr(owner, name)))
        yield
