-- failing_page: schedules to pause, because their last occurrences all failed (tick).
-- in   :now, :failed_since, :limit
-- out  rows: tenant, id
WITH lately AS MATERIALIZED (
    SELECT DISTINCT schedule_id
      FROM tasks
     WHERE status = 'failed' AND schedule_id IS NOT NULL
       AND finished_at >= :failed_since::timestamptz
)
SELECT tenant, id::text
  FROM lately
  JOIN schedules ON schedules.id = lately.schedule_id
 WHERE pause_after_failures IS NOT NULL
   AND (paused_at IS NULL OR paused_until <= :now::timestamptz)
   AND pause_after_failures = (
       SELECT count(*) FILTER (WHERE last.status = 'failed')
         FROM (SELECT ended.status
                 FROM tasks AS ended
                WHERE ended.schedule_id = schedules.id
                  AND ended.occurrence_at > schedules.updated_at
                  AND ended.occurrence_at <= :now::timestamptz
                  AND ended.status IN ('completed', 'failed')
                ORDER BY ended.occurrence_at DESC
                LIMIT schedules.pause_after_failures) AS last)
 LIMIT :limit::bigint
