"""Run a task at a time, or on a recurrence: never early, durable once accepted."""
