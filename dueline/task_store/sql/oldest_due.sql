-- oldest_due: of a queue, the task that waits longest past its due time (tick: the gauge).
-- Of those in the work queue it is the one that was sent first: one row of each index is read,
-- however many wait.
-- in   :queue, :now
-- out  one row if any is past due: id, fence, due_at
SELECT id::text, fence::text, (due_at AT TIME ZONE 'UTC')::text
  FROM ((SELECT id, fence, due_at
           FROM tasks
          WHERE status = 'pending' AND queue = :queue AND due_at < :now::timestamptz
          ORDER BY due_at
          LIMIT 1)
         UNION ALL
        (SELECT id, fence, due_at
           FROM tasks
          WHERE status = 'queued' AND queue = :queue
          ORDER BY queued_at
          LIMIT 1)) AS oldest
 WHERE due_at < :now::timestamptz
 ORDER BY due_at
 LIMIT 1
