"""What PostgreSQL does for function `schedule` with tasks that are there (interface.Managing)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dueline.domain.task_edit import TaskEdit
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import Attempt, DueTask, Task, TaskStatus
from dueline.task_store import parameters, rows
from dueline.task_store.connection import Connection
from dueline.task_store.driver_errors import ValueRefused
from dueline.task_store.interface import IdPage, TaskPage

MOST_LOOKED_AT = 2_500  # tasks, for one page: some 10 ms


class PostgresManaging:
    """Statements on a connection that it shares with the rest of the store."""

    _connection: Connection

    def get(self, tenant: str, task_id: str) -> Task | None:
        values = {"tenant": tenant, "id": task_id}
        try:
            found = self._connection.run("get", values, tenant=tenant)
        except ValueRefused:  # not a UUID, so nobody's id
            return None
        return rows.task(found[0]) if found else None

    def attempts(self, tenant: str, task_id: str) -> list[Attempt]:
        values = {"tenant": tenant, "task_id": task_id}
        try:
            found = self._connection.run("attempts", values, tenant=tenant)
        except ValueRefused:
            return []
        return [rows.attempt(row) for row in found]

    def list_tasks(
        self, tenant: str, which: TaskFilter, *, before: str | None, limit: int
    ) -> TaskPage:
        statement = "list_tasks"
        values = parameters.of_filter(which) | {
            "tenant": tenant,
            "scan": MOST_LOOKED_AT,
            "limit": limit + 1,  # whether there is one more
        }
        if which.schedule_id is not None:
            statement = "list_occurrences"
            values["before_at"] = before or "infinity"
        else:
            first, end = parameters.ids_created(which)
            values |= {"before_id": before or end, "from_id": first}
        found = self._connection.run(statement, values, tenant=tenant)
        tasks = [rows.task(cells) for fits, *cells in found if fits == "true"]
        if len(tasks) > limit:
            return TaskPage(tasks[:limit], which.place(tasks[limit - 1]))
        stopped = [rows.task(cells) for fits, *cells in found[-1:] if fits == "false"]
        return TaskPage(tasks, which.place(stopped[0]) if stopped else None)

    def list_ids(self, tenant: str, which: TaskFilter, *, before: str | None, limit: int) -> IdPage:
        first, end = parameters.ids_created(which)
        values = parameters.of_filter(which) | {
            "tenant": tenant,
            "scan": limit,
            "before_id": before or end,
            "from_id": first,
        }
        [[ids, looked_at, last]] = self._connection.run("list_ids", values, tenant=tenant)
        return IdPage(ids.split("\n") if ids else [], last if int(looked_at) == limit else None)

    def cancel(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, TaskStatus]:
        [changed] = self._connection.run("cancel", _values(tenant, task_ids, now), tenant=tenant)
        return {task_id: TaskStatus(status) for task_id, status in rows.unfolded(changed)}

    def retry(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> list[tuple[str, DueTask]]:
        [again] = self._connection.run("retry", _values(tenant, task_ids, now), tenant=tenant)
        return [rows.queue_and_due_task(cells) for cells in rows.unfolded(again)]

    def edit(
        self, tenant: str, tasks: Mapping[str, int | None], edit: TaskEdit, *, now: datetime
    ) -> list[tuple[str, DueTask]]:
        values = _values(tenant, list(tasks), now) | {
            "fences": parameters.array(
                ["NULL" if fence is None else str(fence) for fence in tasks.values()]
            ),
            "execute_at": edit.execute_at.isoformat() if edit.execute_at else None,
            "payload": edit.payload,
            "queue": edit.queue,
        }
        [edited] = self._connection.run("edit", values, tenant=tenant)
        return [rows.queue_and_due_task(cells) for cells in rows.unfolded(edited)]


def _values(tenant: str, task_ids: Sequence[str], now: datetime) -> dict[str, str | int | None]:
    return {"tenant": tenant, "ids": parameters.array(task_ids), "now": now.isoformat()}
