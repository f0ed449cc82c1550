-- pending_page: a lane's pending tasks behind (:after, :after_id), due at :until at the latest; in the
-- order of due times and, where these are the same, of ids (tick: refill).
-- in   :queue, :first_slot, :last_slot, :after (may be -infinity), :after_id, :until, :limit
-- out  one row, folded: id, fence, due_at
SELECT string_agg(id::text, E'\n'), string_agg(fence::text, E'\n'),
       string_agg((due_at AT TIME ZONE 'UTC')::text, E'\n')
  FROM (SELECT id, fence, due_at
          FROM tasks
         WHERE status = 'pending' AND queue = :queue
           AND (due_at, id) > (:after::timestamptz, :after_id::uuid) AND due_at <= :until::timestamptz
           AND get_byte(uuid_send(id), 15) BETWEEN :first_slot::int AND :last_slot::int
         ORDER BY due_at, id
         LIMIT :limit::bigint) AS page
