-- skip: let one occurrence not run (schedule). Its waiting task becomes skipped; where next_at has
-- still to come to the instant, a skipped task is made, which expansion then leaves alone.
-- in   :tenant, :schedule_id, :id, :at, :execute_at, :reason, :now
-- out  one row if it was so
-- An occurrence that is made while this waits for the schedule's row is not seen, and nothing is
-- done: the caller asks again.
WITH held AS MATERIALIZED (
    SELECT *
      FROM schedules
     WHERE tenant = :tenant AND id = :schedule_id::uuid
       FOR UPDATE
), ended AS (
    UPDATE tasks
       SET status = 'skipped', fence = fence + 1, finished_at = :now::timestamptz, error = :reason
      FROM held
     WHERE tasks.schedule_id = held.id AND occurrence_at = :at::timestamptz
       AND status IN ('pending', 'queued') AND attempt = 0
    RETURNING tasks.id
), made AS (
    INSERT INTO tasks (id, tenant, type, queue, status, payload, execute_at, due_at, created_at,
                       tags, schedule_id, occurrence_at, overlap, max_attempts, retry, retry_until,
                       timeout_seconds, finished_at, error)
    SELECT :id::uuid, tenant, type, queue, 'skipped', payload, :execute_at::timestamptz,
           :execute_at::timestamptz, :now::timestamptz, tags, held.id, :at::timestamptz, overlap,
           max_attempts, retry, :execute_at::timestamptz + retry_max_age, timeout_seconds,
           :now::timestamptz, :reason
      FROM held
     WHERE next_at <= :at::timestamptz
        ON CONFLICT (schedule_id, occurrence_at) WHERE schedule_id IS NOT NULL DO NOTHING
    RETURNING id
)
SELECT id::text FROM ended
 UNION ALL
SELECT id::text FROM made
