-- cancel: call tasks off. What waits is cancelled under a new fence, so that no message about it
-- starts it any more; what runs is marked, for its handler to see.
-- in   :tenant, :ids, :now
-- out  one row, folded: id and status (cancelled, or running) of each that was changed
-- Two updates, since one would first build a row from the version before the one that we waited
-- for, and the table's checks see that row too: each sets all columns that its status asks for.
WITH held AS MATERIALIZED (
    SELECT t.*
      FROM (SELECT DISTINCT id FROM unnest(:ids::uuid[]) AS asked (id) ORDER BY id) AS asked
     CROSS JOIN LATERAL (
           SELECT id, tenant, status
             FROM tasks
            WHERE tasks.id = asked.id
              FOR UPDATE) AS t
     WHERE t.tenant = :tenant
), called_off AS (
    UPDATE tasks
       SET status = 'cancelled', fence = fence + 1, finished_at = :now::timestamptz,
           lease_until = NULL
      FROM held
     WHERE tasks.id = held.id AND held.status IN ('pending', 'queued')
    RETURNING tasks.id, 'cancelled' AS status
), marked AS (
    UPDATE tasks
       SET cancel_requested = true
      FROM held
     WHERE tasks.id = held.id AND held.status = 'running'
    RETURNING tasks.id, 'running' AS status
)
SELECT string_agg(id::text, E'\n'), string_agg(status, E'\n')
  FROM (SELECT * FROM called_off UNION ALL SELECT * FROM marked) AS changed
