-- edit: change tasks that wait: another time, payload or queue. Pending under a new fence, so that
-- what buffer and work queue hold of them is void.
-- in   :tenant, :ids, :fences (an element NULL: whatever it is), :now; :execute_at, :payload, :queue,
--      where NULL changes nothing
-- out  one row, folded: queue, id, fence (the new one), due_at of each that was changed
-- A task that began once, and waits to be tried again, keeps the moment that was asked for.
WITH held AS MATERIALIZED (
    SELECT t.*
      FROM (SELECT DISTINCT id, fence
              FROM unnest(:ids::uuid[], :fences::bigint[]) AS asked (id, fence)
             ORDER BY id) AS asked
     CROSS JOIN LATERAL (
           SELECT id, tenant, fence, status
             FROM tasks
            WHERE tasks.id = asked.id
              FOR UPDATE) AS t
     WHERE t.tenant = :tenant AND t.fence = coalesce(asked.fence, t.fence)
), edited AS (
    UPDATE tasks
       SET status = 'pending', fence = tasks.fence + 1, queued_at = NULL, lease_until = NULL,
           execute_at = CASE WHEN first_started_at IS NULL
                             THEN coalesce(:execute_at::timestamptz, execute_at)
                             ELSE execute_at END,
           due_at = CASE WHEN :execute_at::timestamptz IS NULL THEN due_at
                         WHEN first_started_at IS NULL
                         THEN greatest(:execute_at::timestamptz, :now::timestamptz)
                         ELSE greatest(:execute_at::timestamptz, :now::timestamptz, execute_at) END,
           retry_until = CASE WHEN first_started_at IS NULL
                              THEN coalesce(:execute_at::timestamptz, execute_at)
                                   + make_interval(secs => extract(epoch FROM retry_until
                                                                            - execute_at)::float8)
                              ELSE retry_until END,
           payload = coalesce(:payload::jsonb, payload),
           queue = coalesce(:queue::text, queue)
      FROM held
     WHERE tasks.id = held.id AND held.status IN ('pending', 'queued')
    RETURNING queue, tasks.id, tasks.fence, due_at
)
SELECT string_agg(queue, E'\n'), string_agg(id::text, E'\n'), string_agg(fence::text, E'\n'),
       string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n')
  FROM edited
