-- claim: give due tasks to one execute (execute, step D1): pending or queued → running, under a
-- new fence that only this caller learns. Never repeated by the adapter: see postgres_executing.py.
-- in   :ids, :fences arrays of one length; :now, :until, :lease (interval), :worker
-- out  one row, folded: the columns that rows.claim reads; then queue, id, fence, due_at of tasks
--      that are not due yet, or put off under a new fence because another occurrence of their
--      schedule is active
-- The rows are locked first, in the order of their ids, and then updated by id alone: a mark that
-- we waited for has made a new row version, which only the id leads to (docs/decisions/0002).
WITH held AS MATERIALIZED (
    SELECT t.*, coalesce(t.expires_at <= :now::timestamptz, false) AS expired
      FROM (SELECT DISTINCT id, fence
              FROM unnest(:ids::uuid[], :fences::bigint[]) AS ref (id, fence)
             ORDER BY id) AS ref
     CROSS JOIN LATERAL (
           SELECT id, fence, queue, status, due_at, expires_at, schedule_id, overlap, attempt,
                  execute_at
             FROM tasks
            WHERE tasks.id = ref.id AND tasks.fence = ref.fence
              FOR UPDATE) AS t
     WHERE t.status IN ('pending', 'queued')
), candidate AS MATERIALIZED (
    -- Occurrences that may not overlap. Others pay nothing for them: in a batch without one, what
    -- follows down to `put_off` looks at no row. The order of the `other`s is there to lead to
    -- tasks_overlap_idx, and not to the index of all occurrences that ever were.
    SELECT held.*, active.id IS NOT NULL AS meets_active,
           row_number() OVER turns AS turn,
           CASE WHEN first_value(active.id IS NULL) OVER turns
                THEN first_value(held.id) OVER turns END AS starter
      FROM held
      LEFT JOIN LATERAL (
           SELECT id
             FROM tasks AS other
            WHERE other.schedule_id = held.schedule_id AND other.id <> held.id
              AND other.overlap IS NOT NULL
              AND other.status IN ('pending', 'queued', 'running')
              AND (other.status = 'running' OR (other.attempt > 0 AND held.attempt = 0))
            ORDER BY other.execute_at
            LIMIT 1) AS active ON true
     WHERE held.overlap IS NOT NULL AND NOT expired AND held.due_at <= :until::timestamptz
    WINDOW turns AS (PARTITION BY held.schedule_id
                     ORDER BY held.attempt DESC, held.execute_at, held.id)
), blocked AS MATERIALIZED (
    SELECT id,
           CASE WHEN attempt > 0 THEN NULL
                WHEN overlap = 'skip'
                THEN 'overlap: another occurrence was still active (overlap: skip)'
                WHEN overlap = 'buffer_one' AND (
                     SELECT true
                       FROM tasks AS other
                      WHERE other.schedule_id = candidate.schedule_id
                        AND other.overlap = 'buffer_one' AND other.attempt = 0
                        AND other.status IN ('pending', 'queued')
                        AND other.execute_at <= candidate.execute_at
                        AND (other.execute_at, other.id) < (candidate.execute_at, candidate.id)
                        AND other.id IS DISTINCT FROM candidate.starter
                      ORDER BY other.execute_at
                      LIMIT 1)
                THEN 'overlap: an earlier occurrence waits already (overlap: buffer_one)'
           END AS why
      FROM candidate
     WHERE meets_active OR turn > 1
), dropped AS (
    UPDATE tasks
       SET status = 'skipped', fence = fence + 1, finished_at = :now::timestamptz, error = why
      FROM blocked
     WHERE tasks.id = blocked.id AND why IS NOT NULL
), put_off AS (
    UPDATE tasks
       SET status = 'pending', fence = fence + 1, queued_at = NULL,
           due_at = :now::timestamptz
                    + least(greatest((:now::timestamptz - execute_at) / 10, '1 second'),
                            '15 seconds')
      FROM blocked
     WHERE tasks.id = blocked.id AND why IS NULL
    RETURNING queue, tasks.id, fence, due_at
), skipped AS (
    UPDATE tasks
       SET status = 'skipped', fence = tasks.fence + 1, finished_at = :now::timestamptz,
           error = 'expired before it could start'
      FROM held
     WHERE tasks.id = held.id AND expired
), claimed AS (
    UPDATE tasks
       SET status = 'running', fence = tasks.fence + 1, attempt = tasks.attempt + 1,
           lease_until = greatest(:now::timestamptz, tasks.due_at) + :lease::interval,
           started_at = greatest(:now::timestamptz, tasks.due_at),
           worker = :worker
      FROM held
     WHERE tasks.id = held.id AND NOT expired AND held.due_at <= :until::timestamptz
       AND held.id NOT IN (SELECT id FROM blocked)
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
          FROM (SELECT queue, id, fence, due_at
                  FROM held
                 WHERE NOT expired AND due_at > :until::timestamptz
                 UNION ALL
                SELECT queue, id, fence, due_at FROM put_off) AS later) AS early
