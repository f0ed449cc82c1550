-- delete: delete a schedule and call off what waits of its occurrences (schedule).
-- in   :tenant, :id, :version, :next_at (as seen), :now
-- out  one row if it was as seen
-- next_at is compared for the reason that replace.sql gives.
WITH gone AS (
    DELETE FROM schedules
     WHERE tenant = :tenant AND id = :id::uuid AND version = :version::int
       AND next_at IS NOT DISTINCT FROM :next_at::timestamptz
    RETURNING id
), called_off AS (
    UPDATE tasks
       SET status = 'cancelled', fence = fence + 1, finished_at = :now::timestamptz,
           error = 'its schedule was deleted'
      FROM gone
     WHERE tasks.schedule_id = gone.id AND status IN ('pending', 'queued')
)
SELECT id::text FROM gone
