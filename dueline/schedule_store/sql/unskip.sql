-- unskip: undo skip (schedule). The skipped task is removed; a pending one takes its place where
-- next_at has passed the instant.
-- in   :tenant, :schedule_id, :id, :at, :execute_at, :reason (how the error begins), :now
-- out  one row if there was one to undo
WITH held AS MATERIALIZED (
    SELECT *
      FROM schedules
     WHERE tenant = :tenant AND id = :schedule_id::uuid
       FOR UPDATE
), removed AS (
    DELETE FROM tasks
     USING held
     WHERE tasks.schedule_id = held.id AND occurrence_at = :at::timestamptz
       AND status = 'skipped' AND starts_with(error, :reason)
    RETURNING tasks.id
), made AS (
    INSERT INTO tasks (id, tenant, type, queue, payload, execute_at, due_at, created_at, tags,
                       schedule_id, occurrence_at, overlap, max_attempts, retry, retry_until,
                       timeout_seconds)
    SELECT :id::uuid, tenant, type, queue, payload, :execute_at::timestamptz,
           :execute_at::timestamptz, :now::timestamptz, tags, held.id, :at::timestamptz, overlap,
           max_attempts, retry, :execute_at::timestamptz + retry_max_age, timeout_seconds
      FROM held, removed
     WHERE next_at IS NULL OR next_at > :at::timestamptz
)
SELECT id::text FROM removed
