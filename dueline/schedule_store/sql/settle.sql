-- settle: carry out what was decided about missed occurrences (tick: settle_missed, step 3).
-- in   arrays, one element a task: :ids, :fences, :due_ats (NULL: it is skipped), :reasons; arrays,
--      one element a schedule: :schedule_ids, :paced_untils; :now
-- out  rows: queue, id, fence (the new one), due_at of those that are still pending
-- A row that someone else holds is being claimed or settled: it is passed over.
WITH held AS MATERIALIZED (
    SELECT verdict.*
      FROM (SELECT *
              FROM unnest(:ids::uuid[], :fences::bigint[], :due_ats::timestamptz[],
                          :reasons::text[]) AS verdict (id, fence, due_at, reason)
             ORDER BY id) AS verdict
     CROSS JOIN LATERAL (
           SELECT
             FROM tasks
            WHERE tasks.id = verdict.id AND tasks.fence = verdict.fence
              AND tasks.status = 'pending'
              FOR UPDATE SKIP LOCKED) AS t
), settled AS (
    UPDATE tasks
       SET status = CASE WHEN held.due_at IS NULL THEN 'skipped' ELSE 'pending' END,
           fence = tasks.fence + 1,
           due_at = coalesce(greatest(held.due_at, execute_at), tasks.due_at),
           finished_at = CASE WHEN held.due_at IS NULL THEN :now::timestamptz END,
           error = coalesce(reason, error)
      FROM held
     WHERE tasks.id = held.id
    RETURNING tasks.queue, tasks.id, tasks.fence, tasks.due_at, tasks.status
), paced AS (
    UPDATE schedules
       SET paced_until = greatest(schedules.paced_until, pace.paced_until)
      FROM unnest(:schedule_ids::uuid[], :paced_untils::timestamptz[]) AS pace (id, paced_until)
     WHERE schedules.id = pace.id
)
SELECT queue, id::text, fence::text, (due_at AT TIME ZONE 'UTC')::text
  FROM settled
 WHERE status = 'pending'
