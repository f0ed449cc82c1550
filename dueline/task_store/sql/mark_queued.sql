-- mark_queued: pending → queued for tasks whose message is confirmed (tick, step 3).
-- in   :ids, :fences arrays of one length; :now
-- out  one row: how many were marked
-- A row that someone else holds is being claimed: it has moved on, so it is passed over.
WITH held AS MATERIALIZED (
    SELECT t.id, t.status
      FROM (SELECT DISTINCT id, fence
              FROM unnest(:ids::uuid[], :fences::bigint[]) AS ref (id, fence)
             ORDER BY id) AS ref
     CROSS JOIN LATERAL (
           SELECT id, status
             FROM tasks
            WHERE tasks.id = ref.id AND tasks.fence = ref.fence
              FOR UPDATE SKIP LOCKED) AS t
), marked AS (
    UPDATE tasks
       SET status = 'queued', queued_at = :now::timestamptz
      FROM held
     WHERE tasks.id = held.id AND held.status = 'pending'
    RETURNING 1
)
SELECT count(*)::text
  FROM marked
