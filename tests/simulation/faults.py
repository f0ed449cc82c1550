"""What goes wrong in a run, how likely, and when."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tests.simulation.scheduler import Killed, Scheduler

SERVERS = ("postgres", "redis", "rabbitmq")


class CallFate(StrEnum):
    """What becomes of a question to a server."""

    ANSWERED = "answered"
    NO_ANSWER = "no answer"  # the server never got it
    LOST_ANSWER = "lost answer"  # the server did it, and nobody heard


class MessageFate(StrEnum):
    """What becomes of a published message, apart from arriving and being confirmed."""

    RETURNED = "returned"
    UNKNOWN = "unknown"
    UNKNOWN_BUT_THERE = "unknown but there"
    UNKNOWN_BUT_LATER = "unknown but there later"
    TWICE = "twice"
    CONFIRMED_BUT_LOST = "confirmed but lost"


@dataclass(slots=True)
class Faults:
    """How likely each thing is: at each step, or for each message. All zero once a run calms."""

    kill: float = 0.0
    hold_up: float = 0.0  # one thread, for as long as two leases
    freeze: float = 0.0  # the whole process, for as long as two leases
    no_answer: float = 0.0
    lost_answer: float = 0.0
    message: float = 0.0

    @classmethod
    def drawn(cls, random_: random.Random) -> "Faults":
        """Some runs have much of one kind, some a little of all, some have none."""

        def chance(most: float) -> float:
            return random_.choice((0.0, most / 10, most / 3, most))

        return cls(
            kill=chance(0.03),
            hold_up=chance(0.01),
            freeze=chance(0.02),
            no_answer=chance(0.05),
            lost_answer=chance(0.05),
            message=chance(0.3),
        )


class Hazard:
    """Decides at each step what goes wrong, and counts it."""

    def __init__(self, scheduler: Scheduler, faults: Faults, longest_hold: timedelta) -> None:
        self.seen: Counter[str] = Counter()
        self.down: set[str] = set()  # servers that do not answer at all
        self._faults = faults
        self._scheduler = scheduler
        self._random = scheduler.random
        self._longest_hold = longest_hold

    def cease(self) -> None:
        """From now on nothing goes wrong."""
        self._faults = Faults()
        self.down.clear()

    def step(self, what: str) -> None:
        """A step at which the actor may be killed, held up or frozen with its process."""
        self._scheduler.step()
        faults = self._faults
        draw = self._random.random()
        if draw < faults.kill:
            self.count("kill")
            self._scheduler.note(f"is killed before {what}")
            self._scheduler.current().process.dead = True
            raise Killed
        if draw < faults.kill + faults.hold_up:
            self.count("hold up")
            self._scheduler.note(f"is held up before {what}")
            self._scheduler.sleep(self._longest_hold * self._random.random())
        elif draw < faults.kill + faults.hold_up + faults.freeze:
            self.count("freeze")
            self._scheduler.note(f"freezes before {what}")
            process = self._scheduler.current().process
            self._scheduler.freeze(process, self._longest_hold * self._random.random())
            self._scheduler.sleep(timedelta(0))

    def of_call(self, server: str) -> CallFate:
        """What becomes of a question to a server."""
        if server in self.down:
            return self._counted(CallFate.NO_ANSWER, server)
        draw = self._random.random()
        if draw < self._faults.no_answer:
            return self._counted(CallFate.NO_ANSWER, server)
        if draw < self._faults.no_answer + self._faults.lost_answer:
            return self._counted(CallFate.LOST_ANSWER, server)
        return CallFate.ANSWERED

    def of_message(self) -> MessageFate | None:
        """What becomes of a published message; None: it arrives and is confirmed."""
        if self._random.random() >= self._faults.message:
            return None
        fate = self._random.choice(tuple(MessageFate))
        self.count(f"message {fate}")
        return fate

    def count(self, what: str) -> None:
        self.seen[what] += 1

    def _counted(self, fate: CallFate, server: str) -> CallFate:
        self.count(f"{fate} from {server}")
        return fate
