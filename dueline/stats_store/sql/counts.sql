-- counts: how many tasks of a tenant there are, by type and queue. What has not ended is known by
-- its number alone, but for those in the work queue and those that run, which are few: their
-- indexes are counted.
-- in   :tenant
-- out  rows: type, queue, status (or 'created'), count
SELECT type, queue, status, sum(n)::text
  FROM (SELECT type, queue, status, n FROM task_counts WHERE tenant = :tenant
         UNION ALL
        SELECT type, queue, status, n FROM task_changes WHERE tenant = :tenant
         UNION ALL
        SELECT type, queue, status, 1 FROM tasks WHERE status = 'queued' AND tenant = :tenant
         UNION ALL
        SELECT type, queue, status, 1 FROM tasks WHERE status = 'running' AND tenant = :tenant)
       AS counted
 GROUP BY type, queue, status
 ORDER BY type, queue, status
