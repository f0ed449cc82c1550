"""Which messages of one publish the broker has answered for."""

from collections.abc import Sequence

from dueline.work_queue.interface import Published


class Confirms:
    """Collects the answers to a list of bodies, over one or more connections.

    An unroutable message comes back first (basic.return, with its body but without its number)
    and is confirmed after that. So a confirmed body that was returned before was in no queue. Of
    equal bodies each then counts as returned: publishing one of them again does no harm.
    """

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self._bodies = bodies
        self._returned: set[bytes] = set()
        self._open: dict[int, int] = {}  # delivery tag → index of the body, in order
        self.answers = [Published.UNKNOWN] * len(bodies)

    def start(self, first_tag: int) -> list[bytes]:
        """The bodies without an answer, about to be published with tags from `first_tag` on."""
        indexes = [i for i, answer in enumerate(self.answers) if answer is Published.UNKNOWN]
        self._open = dict(enumerate(indexes, start=first_tag))
        return [self._bodies[index] for index in indexes]

    def complete(self) -> bool:
        return not self._open

    def returned(self, body: bytes) -> None:
        self._returned.add(body)

    def confirmed(self, tag: int, *, multiple: bool) -> None:
        for index in self._settle(tag, multiple=multiple):
            in_no_queue = self._bodies[index] in self._returned
            self.answers[index] = Published.RETURNED if in_no_queue else Published.CONFIRMED

    def refused(self, tag: int, *, multiple: bool) -> None:
        """The broker could not take them (basic.nack): they stay unknown."""
        self._settle(tag, multiple=multiple)

    def _settle(self, tag: int, *, multiple: bool) -> list[int]:
        if not multiple:
            return [self._open.pop(tag)] if tag in self._open else []
        settled = []
        for earliest in list(self._open):
            if earliest > tag:
                break
            settled.append(self._open.pop(earliest))
        return settled
