-- reset_unclaimed: queued → pending for tasks whose message is lost (tick, sweep S2).
-- in   :queue, :first_slot, :last_slot, :queued_before, :limit
-- out  rows: id, fence (the new one), due_at
-- A row that someone else holds is being claimed: it is passed over.
WITH held AS MATERIALIZED (
    SELECT id
      FROM tasks
     WHERE status = 'queued' AND queue = :queue AND queued_at < :queued_before::timestamptz
       AND get_byte(uuid_send(id), 15) BETWEEN :first_slot::int AND :last_slot::int
     ORDER BY queued_at
     LIMIT :limit::bigint
       FOR UPDATE SKIP LOCKED
)
UPDATE tasks
   SET status = 'pending', fence = fence + 1, queued_at = NULL
  FROM held
 WHERE tasks.id = held.id
RETURNING tasks.id::text, fence::text, (due_at AT TIME ZONE 'UTC')::text
