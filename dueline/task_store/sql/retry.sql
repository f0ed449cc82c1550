-- retry: a person has failed tasks tried again: pending and due now, under a new fence, with leave
-- for one attempt more if they have used up theirs. What would expire them before is taken away.
-- One whose dedupe key another has taken meanwhile stays as it is.
-- in   :tenant, :ids, :now
-- out  one row, folded: queue, id, fence (the new one), due_at of each that is pending again
WITH held AS MATERIALIZED (
    SELECT t.*
      FROM (SELECT DISTINCT id FROM unnest(:ids::uuid[]) AS asked (id) ORDER BY id) AS asked
     CROSS JOIN LATERAL (
           SELECT id, tenant, status
             FROM tasks
            WHERE tasks.id = asked.id
              FOR UPDATE) AS t
     WHERE t.tenant = :tenant
), again AS (
    UPDATE tasks
       SET status = 'pending', fence = fence + 1, due_at = greatest(:now::timestamptz, execute_at),
           max_attempts = greatest(max_attempts, attempt + 1),
           expires_at = CASE WHEN expires_at > :now::timestamptz THEN expires_at END,
           finished_at = NULL, queued_at = NULL, lease_until = NULL, cancel_requested = false
      FROM held
     WHERE tasks.id = held.id AND held.status = 'failed'
       AND NOT EXISTS (SELECT
                         FROM tasks AS other
                        WHERE other.tenant = tasks.tenant AND other.dedupe_key = tasks.dedupe_key
                          AND other.status IN ('pending', 'queued', 'running'))
    RETURNING tasks.queue, tasks.id, fence, due_at
)
SELECT string_agg(queue, E'\n'), string_agg(id::text, E'\n'), string_agg(fence::text, E'\n'),
       string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n')
  FROM again
