"""Virtual time for the model of capacity: processes that wait, and things of which there are few.

A process is a generator. What it yields is a wait: a function that is given `resume`, to be called
once when the wait is over. Nothing here reads a clock.
"""

import heapq
from collections import deque
from collections.abc import Callable, Generator
from itertools import count

Resume = Callable[[], None]
Wait = Callable[[Resume], None]
Process = Generator[Wait, None, None]


class World:
    """What happens when. Of things at one instant the one that was asked for first comes first."""

    def __init__(self) -> None:
        self.now = 0.0  # seconds
        self._line: list[tuple[float, int, Resume]] = []
        self._order = count()

    def start(self, process: Process) -> None:
        self.call_after(0, lambda: self._step(process))

    def after(self, seconds: float) -> Wait:
        return lambda resume: self.call_after(seconds, resume)

    def call_after(self, seconds: float, act: Resume) -> None:
        heapq.heappush(self._line, (self.now + seconds, next(self._order), act))

    def run(self) -> None:
        """Until nothing more can happen."""
        while self._line:
            self.now, _, act = heapq.heappop(self._line)
            act()

    def _step(self, process: Process) -> None:
        wait = next(process, None)
        if wait is not None:
            wait(lambda: self._step(process))


class Scarce:
    """`many` of something, say processors. Whoever asks first gets one first."""

    def __init__(self, world: World, many: int) -> None:
        self._world = world
        self._left = many
        self._asking: deque[Resume] = deque()

    def taken(self) -> Wait:
        """Over when one is the caller's, who must then `give_back`."""

        def ask(resume: Resume) -> None:
            self._asking.append(resume)
            self._serve()

        return ask

    def give_back(self) -> None:
        self._left += 1
        self._serve()

    def _serve(self) -> None:
        while self._left and self._asking:
            self._left -= 1
            self._world.call_after(0, self._asking.popleft())


class Flag:
    """What some wait for until another raises it. It can be lowered and used again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._up = False
        self._waiting: list[Resume] = []

    def raised(self) -> Wait:
        def ask(resume: Resume) -> None:
            self._waiting.append(resume)
            if self._up:
                self.raise_()

        return ask

    def raise_(self) -> None:
        self._up = True
        waiting, self._waiting = self._waiting, []
        for resume in waiting:
            self._world.call_after(0, resume)

    def lower(self) -> None:
        self._up = False
