-- ping: fails if a table is not there, or may not be read.
SELECT FROM tasks, attempts, idempotency_keys, poison, schedules LIMIT 0
