-- record: write what became of running tasks (execute, step D3), failed attempts also as rows of
-- `attempts`.
-- in   :ids, :fences, :statuses, :started_ats, :ended_ats, :due_ats, :results, :errors arrays of
--      one length; :worker
-- out  one row, folded: id of each task that is now as its outcome says; the rest is fenced out
-- A final status under our fence can only have been written by us: so this can be repeated when
-- its answer was lost.
-- What would be pending again is cancelled instead, if someone asked for that while it ran.
WITH held AS MATERIALIZED (
    SELECT outcome.id, outcome.fence, outcome.started_at, outcome.ended_at, outcome.due_at,
           outcome.result, outcome.error, t.status AS old_status,
           CASE WHEN outcome.status = 'pending' AND t.cancel_requested
                THEN 'cancelled' ELSE outcome.status END AS status,
           outcome.status = 'pending' AND outcome.started_at IS NULL AS given_back,
           outcome.status = 'failed'
           OR (outcome.status = 'pending' AND outcome.started_at IS NOT NULL) AS has_failed
      FROM (SELECT *
              FROM unnest(:ids::uuid[], :fences::bigint[], :statuses::text[],
                          :started_ats::timestamptz[], :ended_ats::timestamptz[],
                          :due_ats::timestamptz[], :results::text[], :errors::text[])
                AS outcome (id, fence, status, started_at, ended_at, due_at, result, error)
             ORDER BY id) AS outcome
     CROSS JOIN LATERAL (
           SELECT status, cancel_requested
             FROM tasks
            WHERE tasks.id = outcome.id AND tasks.fence = outcome.fence
              FOR UPDATE) AS t
), written AS (
    UPDATE tasks
       SET status = held.status,
           fence = tasks.fence + (held.status = 'pending')::int,
           attempt = attempt - given_back::int,
           due_at = CASE WHEN held.status = 'pending'
                         THEN greatest(held.due_at, execute_at) ELSE tasks.due_at END,
           queued_at = CASE WHEN held.status = 'pending' THEN NULL ELSE queued_at END,
           lease_until = NULL,
           worker = CASE WHEN held.started_at IS NULL THEN NULL ELSE :worker END,
           first_started_at = coalesce(first_started_at, held.started_at),
           started_at = held.started_at,
           finished_at = CASE WHEN held.status = 'pending' THEN NULL ELSE held.ended_at END,
           result = held.result::jsonb,
           error = coalesce(held.error, tasks.error)
      FROM held
     WHERE tasks.id = held.id AND old_status = 'running'
    RETURNING tasks.id, attempt, tasks.started_at, held.ended_at, has_failed, held.error,
              tenant, type, queue, tasks.status, finished_at,
              first_started_at - execute_at AS lateness, finished_at - tasks.started_at AS run_time
), kept AS (
    INSERT INTO attempts (task_id, attempt, started_at, ended_at, outcome, error, worker)
    SELECT id, attempt, started_at, ended_at, 'failed', coalesce(error, ''), :worker
      FROM written
     WHERE has_failed
        ON CONFLICT ON CONSTRAINT attempts_one_row_each DO UPDATE
       SET started_at = excluded.started_at, ended_at = excluded.ended_at,
           outcome = excluded.outcome, error = excluded.error, worker = excluded.worker
), counted AS (
    INSERT INTO task_changes (tenant, type, queue, status, minute, lateness, run_time,
                              lateness_seconds, run_seconds, n)
    SELECT tenant, type, queue, status, date_bin('1 minute', min(finished_at), '2000-01-01Z'),
           CASE WHEN status = 'cancelled' THEN -1 ELSE duration_bucket(lateness) END,
           CASE WHEN status = 'cancelled' THEN -1 ELSE duration_bucket(run_time) END,
           coalesce(extract(epoch FROM sum(lateness) FILTER (WHERE status <> 'cancelled')), 0),
           coalesce(extract(epoch FROM sum(run_time) FILTER (WHERE status <> 'cancelled')), 0),
           count(*)
      FROM written
     WHERE finished_at IS NOT NULL
     GROUP BY tenant, type, queue, status, 6, 7
), fenced_out AS (
    INSERT INTO counters (name, n)
    SELECT 'fenced_out', cardinality(:ids::uuid[]) - count(*)
      FROM held
     WHERE old_status = 'running'
        OR (old_status = status AND status IN ('completed', 'failed', 'cancelled'))
    HAVING count(*) < cardinality(:ids::uuid[])
        ON CONFLICT (name) DO UPDATE SET n = counters.n + excluded.n
)
SELECT string_agg(id::text, E'\n')
  FROM held
 WHERE old_status = 'running'
    OR (old_status = status AND status IN ('completed', 'failed', 'cancelled'))
