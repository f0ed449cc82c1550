-- copy_new: insert many new pending tasks (schedule, step A2). All or none, and quicker than add:
-- half the work for the server, which begins while the rest is still being written.
-- in   the rows that copied.py writes: these columns, each in its binary form
-- An id or a dedupe key that is there already fails it: then add, which leaves a row alone that is
-- there, is the repetition.
-- Not for a tenant's role: row-level security takes no COPY (docs/decisions/0030).
COPY tasks (id, tenant, type, queue, payload, execute_at, due_at, created_at, tags,
            schedule_id, occurrence_at, dedupe_key,
            max_attempts, retry, retry_until, timeout_seconds, expires_at)
FROM STDIN (FORMAT binary)
