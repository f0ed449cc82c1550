-- record: write what became of running tasks (execute, step D3), failed attempts also as rows of
-- `attempts`.
-- in   :ids, :fences, :statuses, :started_ats, :ended_ats, :due_ats, :results, :errors arrays of
--      one length; :worker
-- out  one row, folded: id of each task that is now as its outcome says; the rest is fenced out
-- A final status under our fence can only have been written by us: so this can be repeated when
-- its answer was lost.
WITH held AS MATERIALIZED (
    SELECT outcome.*, t.status AS old_status
      FROM (SELECT *
              FROM unnest(:ids::uuid[], :fences::bigint[], :statuses::text[],
                          :started_ats::timestamptz[], :ended_ats::timestamptz[],
                          :due_ats::timestamptz[], :results::text[], :errors::text[])
                AS outcome (id, fence, status, started_at, ended_at, due_at, result, error)
             ORDER BY id) AS outcome
     CROSS JOIN LATERAL (
           SELECT status
             FROM tasks
            WHERE tasks.id = outcome.id AND tasks.fence = outcome.fence
              FOR UPDATE) AS t
), written AS (
    UPDATE tasks
       SET status = held.status,
           fence = tasks.fence + (held.status = 'pending')::int,
           attempt = attempt - (held.status = 'pending' AND held.started_at IS NULL)::int,
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
    RETURNING tasks.id, attempt, tasks.started_at, held.ended_at, tasks.status, held.error
), kept AS (
    INSERT INTO attempts (task_id, attempt, started_at, ended_at, outcome, error, worker)
    SELECT id, attempt, started_at, ended_at, 'failed', coalesce(error, ''), :worker
      FROM written
     WHERE status = 'failed' OR (status = 'pending' AND started_at IS NOT NULL)
        ON CONFLICT ON CONSTRAINT attempts_one_row_each DO UPDATE
       SET started_at = excluded.started_at, ended_at = excluded.ended_at,
           outcome = excluded.outcome, error = excluded.error, worker = excluded.worker
)
SELECT string_agg(id::text, E'\n')
  FROM held
 WHERE old_status = 'running'
    OR (old_status = status AND status IN ('completed', 'failed', 'cancelled'))
