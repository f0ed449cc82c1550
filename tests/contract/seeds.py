"""What generated requests can find: tasks that wait, and schedules."""

from datetime import datetime, timedelta

from dueline.domain.schedules import begun
from dueline.schedule_store.interface import ScheduleStore
from dueline.task_store.interface import Serving
from tests.contract.schemathesis_hooks import SCHEDULES, TASKS
from tests.factories import make_schedule, make_task


def seed(tasks: Serving, schedules: ScheduleStore, *, tenant: str, now: datetime) -> None:
    later = now + timedelta(days=30)
    tasks.add(
        [make_task(id=each, tenant=tenant, execute_at=later, created_at=now) for each in TASKS]
    )
    for name in SCHEDULES:
        schedule = make_schedule(
            name=name,
            tenant=tenant,
            rule='{"cron": "30 2 * * *", "timezone": "Europe/Berlin"}',
            created_at=now,
            updated_at=now,
        )
        schedules.add(begun(schedule))
