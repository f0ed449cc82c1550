-- end_lost_leases: running tasks whose lease ran out (tick, sweep S3) → pending and due now, or
-- failed when their attempts are used up or they are too old; a row of `attempts` for each.
-- in   :now, :limit
-- out  rows: queue, id, fence (the new one), due_at of those that are pending again
-- A row that someone else holds is being recorded or renewed: it is passed over.
WITH held AS MATERIALIZED (
    SELECT id, attempt < max_attempts AND coalesce(retry_until >= :now::timestamptz, true) AS again
      FROM tasks
     WHERE status = 'running' AND lease_until < :now::timestamptz
     ORDER BY lease_until
     LIMIT :limit::bigint
       FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE tasks
       SET status = CASE WHEN again THEN 'pending' ELSE 'failed' END,
           fence = fence + 1,
           due_at = CASE WHEN again THEN greatest(due_at, :now::timestamptz) ELSE due_at END,
           finished_at = CASE WHEN again THEN NULL ELSE :now::timestamptz END,
           queued_at = CASE WHEN again THEN NULL ELSE queued_at END,
           lease_until = NULL,
           error = 'lease lost: ' || worker || ' stopped renewing it'
      FROM held
     WHERE tasks.id = held.id
    RETURNING tasks.*, again
), kept AS (
    INSERT INTO attempts (task_id, attempt, started_at, ended_at, outcome, error, worker)
    SELECT id, attempt, started_at, :now::timestamptz, 'lease_lost', error, worker
      FROM ended
        ON CONFLICT ON CONSTRAINT attempts_one_row_each DO UPDATE
       SET started_at = excluded.started_at, ended_at = excluded.ended_at,
           outcome = excluded.outcome, error = excluded.error, worker = excluded.worker
)
SELECT queue, id::text, fence::text, (due_at AT TIME ZONE 'UTC')::text
  FROM ended
 WHERE again
