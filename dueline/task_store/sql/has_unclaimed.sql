-- has_unclaimed: whether reset_unclaimed would find a task (tick, sweep S2).
-- in   :queue, :first_slot, :last_slot, :queued_before
-- out  one row if so
SELECT 1::text
  FROM tasks
 WHERE status = 'queued' AND queue = :queue AND queued_at < :queued_before::timestamptz
   AND get_byte(uuid_send(id), 15) BETWEEN :first_slot::int AND :last_slot::int
 LIMIT 1
