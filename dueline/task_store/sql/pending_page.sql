-- pending_page: a lane's pending tasks with after < due_at <= until, earliest first
-- (tick: refill).
-- in   :queue, :first_slot, :last_slot, :after (may be -infinity), :until, :limit
-- out  one row, folded: id, fence, due_at; more than :limit where several share the last due_at
SELECT string_agg(id::text, E'\n'), string_agg(fence::text, E'\n'),
       string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n')
  FROM (SELECT id, fence, due_at
          FROM tasks
         WHERE status = 'pending' AND queue = :queue
           AND due_at > :after::timestamptz AND due_at <= :until::timestamptz
           AND get_byte(uuid_send(id), 15) BETWEEN :first_slot::int AND :last_slot::int
         ORDER BY due_at
         FETCH FIRST (:limit::bigint) ROWS WITH TIES) AS page
