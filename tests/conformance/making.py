"""Tasks that are made while a store takes them."""

from collections.abc import Iterator

from dueline.domain.errors import DuelineError
from dueline.domain.tasks import Task
from tests.factories import make_task


class Unmade(DuelineError):
    """A task could not be made."""


class Making:
    """Tasks that are made when they are come to, until one cannot be (interface.Tasks)."""

    def __init__(self, count: int, *, good: int) -> None:
        self.made: list[Task] = []
        self._count = count
        self._good = good

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Task]:
        yield from self.made
        while len(self.made) < self._count:
            if len(self.made) == self._good:
                raise Unmade
            self.made.append(make_task())
            yield self.made[-1]
