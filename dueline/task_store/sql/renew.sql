-- renew: lengthen the lease of running tasks that are still ours (execute, step D2).
-- in   :ids, :fences arrays of one length; :lease_until
-- out  one row, folded: id, 'true' if someone asked to cancel. A task not in it is no longer ours
WITH held AS MATERIALIZED (
    SELECT t.id, t.status
      FROM (SELECT DISTINCT id, fence
              FROM unnest(:ids::uuid[], :fences::bigint[]) AS ref (id, fence)
             ORDER BY id) AS ref
     CROSS JOIN LATERAL (
           SELECT id, status
             FROM tasks
            WHERE tasks.id = ref.id AND tasks.fence = ref.fence
              FOR UPDATE) AS t
), renewed AS (
    UPDATE tasks
       SET lease_until = greatest(lease_until, :lease_until::timestamptz)
      FROM held
     WHERE tasks.id = held.id AND held.status = 'running'
    RETURNING tasks.id, cancel_requested
)
SELECT string_agg(id::text, E'\n'), string_agg(cancel_requested::text, E'\n')
  FROM renewed
