-- earliest_due: a lane's pending tasks with due_at <= until, earliest first, and no more than :limit
-- (tick: sweep S1, and dispatch while Redis is down). Of those that share a due time: any.
-- in   :queue, :first_slot, :last_slot, :until, :limit
-- out  one row, folded: id, fence, due_at
SELECT string_agg(id::text, E'\n'), string_agg(fence::text, E'\n'),
       string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n')
  FROM (SELECT id, fence, due_at
          FROM tasks
         WHERE status = 'pending' AND queue = :queue AND due_at <= :until::timestamptz
           AND get_byte(uuid_send(id), 15) BETWEEN :first_slot::int AND :last_slot::int
         ORDER BY due_at
         LIMIT :limit::bigint) AS page
