"""Do the same to all tasks that fit a filter, in pieces."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from dueline.domain.task_filter import TaskFilter
from dueline.task_store.interface import Managing

PIECE = 5_000  # tasks that one statement looks at, and one changes


class BulkProgress(NamedTuple):
    """How far it has come."""

    fitting: int  # tasks that fitted when they were looked at
    outcomes: Mapping[str, int]  # what became of them, and of how many
    goes_on_at: str | None  # None: it is done


def change_in_bulk(
    tenant: str,
    which: TaskFilter,
    change: Callable[[Sequence[str]], Mapping[str, int]],
    *,
    store: Managing,
    begun: BulkProgress,
    enough: Callable[[], bool],
) -> BulkProgress:
    """Go on where `begun` says until it is done, or `enough` says that it is time to answer.

    Each piece: 1. look at the next tasks, the newest first, for those that fit; 2. `change` them,
    by their ids, which returns what became of how many. A task that moved on between the two is
    left by `change` itself: it names the statuses that it takes.

    What is done stays done. A crash loses the progress that was not told: whoever goes on from
    what they heard last meets tasks that no longer fit. Tasks that are made after the beginning
    have greater ids, and are not looked at. Raises BackendUnavailable.
    """
    fitting, outcomes, place = begun.fitting, Counter(begun.outcomes), begun.goes_on_at
    while True:
        page = store.list_ids(tenant, which, before=place, limit=PIECE)
        fitting += len(page.ids)
        place = page.goes_on_at
        if page.ids:
            outcomes.update(change(page.ids))
        if place is None or enough():
            return BulkProgress(fitting, dict(outcomes), place)
