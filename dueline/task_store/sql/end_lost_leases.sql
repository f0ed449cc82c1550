-- end_lost_leases: running tasks whose lease ran out (tick, sweep S3) → pending and due now, or
-- failed when their attempts are used up or they are too old, or cancelled when someone asked for
-- that; a row of `attempts` for each.
-- in   :now, :limit
-- out  rows: queue, id, fence (the new one), due_at of those that are pending again
-- A row that someone else holds is being recorded or renewed: it is passed over.
WITH held AS MATERIALIZED (
    SELECT id, attempt < max_attempts AND coalesce(retry_until >= :now::timestamptz, true)
               AND NOT cancel_requested AS again
      FROM tasks
     WHERE status = 'running' AND lease_until < :now::timestamptz
     ORDER BY lease_until
     LIMIT :limit::bigint
       FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE tasks
       SET status = CASE WHEN again THEN 'pending'
                         WHEN cancel_requested THEN 'cancelled' ELSE 'failed' END,
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
), counted AS (
    INSERT INTO task_changes (tenant, type, queue, status, minute, lateness, run_time,
                              lateness_seconds, run_seconds, n)
    SELECT tenant, type, queue, status, date_bin('1 minute', min(finished_at), '2000-01-01Z'),
           CASE WHEN status = 'cancelled' THEN -1
                ELSE duration_bucket(first_started_at - execute_at) END,
           CASE WHEN status = 'cancelled' THEN -1
                ELSE duration_bucket(finished_at - started_at) END,
           coalesce(extract(epoch FROM sum(first_started_at - execute_at)
                                       FILTER (WHERE status <> 'cancelled')), 0),
           coalesce(extract(epoch FROM sum(finished_at - started_at)
                                       FILTER (WHERE status <> 'cancelled')), 0),
           count(*)
      FROM ended
     WHERE NOT again
     GROUP BY tenant, type, queue, status, 6, 7
)
SELECT queue, id::text, fence::text, (due_at AT TIME ZONE 'UTC')::text
  FROM ended
 WHERE again
