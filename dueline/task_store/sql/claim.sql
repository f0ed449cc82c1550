-- claim: give due tasks to one execute (execute, step D1): pending or queued → running, under a
-- new fence that only this caller learns. Never repeated by the adapter: see postgres.py.
-- in   :ids, :fences arrays of one length; :now, :until, :lease (interval), :worker
-- out  one row, folded: the columns that rows.claim reads; then queue, id, fence, due_at of tasks
--      that are not due yet
-- The rows are locked first, in the order of their ids, and then updated by id alone: a mark that
-- we waited for has made a new row version, which only the id leads to (docs/decisions/0002).
WITH held AS MATERIALIZED (
    SELECT t.*, coalesce(t.expires_at <= :now::timestamptz, false) AS expired
      FROM (SELECT DISTINCT id, fence
              FROM unnest(:ids::uuid[], :fences::bigint[]) AS ref (id, fence)
             ORDER BY id) AS ref
     CROSS JOIN LATERAL (
           SELECT id, fence, queue, status, due_at, expires_at
             FROM tasks
            WHERE tasks.id = ref.id AND tasks.fence = ref.fence
              FOR UPDATE) AS t
     WHERE t.status IN ('pending', 'queued')
), skipped AS (
    UPDATE tasks
       SET status = 'skipped', fence = tasks.fence + 1, finished_at = :now::timestamptz,
           error = 'expired before it could start'
      FROM held
     WHERE tasks.id = held.id AND expired
), claimed AS (
    UPDATE tasks
       SET status = 'running', fence = tasks.fence + 1, attempt = attempt + 1,
           lease_until = greatest(:now::timestamptz, tasks.due_at) + :lease::interval,
           started_at = greatest(:now::timestamptz, tasks.due_at),
           worker = :worker
      FROM held
     WHERE tasks.id = held.id AND NOT expired AND held.due_at <= :until::timestamptz
    RETURNING tasks.*
)
SELECT *
  FROM (SELECT string_agg(id::text, E'\n'), string_agg(fence::text, E'\n'),
               string_agg(queue, E'\n'), string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n'),
               string_agg(type, E'\n'), string_agg(payload::text, E'\n'),
               string_agg((execute_at AT TIME ZONE 'UTC')::text, E'\n'),
               string_agg(attempt::text, E'\n'), string_agg(max_attempts::text, E'\n'),
               string_agg(coalesce(retry::text, ''), E'\n'),
               string_agg(coalesce((retry_until AT TIME ZONE 'UTC')::text, ''), E'\n'),
               string_agg(coalesce(timeout_seconds::text, ''), E'\n')
          FROM claimed) AS claims
 CROSS JOIN
       (SELECT string_agg(queue, E'\n'), string_agg(id::text, E'\n'), string_agg(fence::text, E'\n'),
               string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n')
          FROM held
         WHERE NOT expired AND due_at > :until::timestamptz) AS early
