-- installation: the counts of all tenants together.
-- out  rows: queue, status (or 'created'), lateness, run_time, lateness_seconds, run_seconds, count
SELECT queue, status, lateness::text, run_time::text,
       sum(lateness_seconds)::text, sum(run_seconds)::text, sum(n)::text
  FROM (SELECT queue, status, lateness, run_time, lateness_seconds, run_seconds, n
          FROM task_counts
         UNION ALL
        SELECT queue, status, lateness, run_time, lateness_seconds, run_seconds, n
          FROM task_changes
         UNION ALL
        SELECT queue, status, -1, -1, 0, 0, 1 FROM tasks WHERE status = 'queued'
         UNION ALL
        SELECT queue, status, -1, -1, 0, 0, 1 FROM tasks WHERE status = 'running') AS counted
 GROUP BY queue, status, lateness, run_time
