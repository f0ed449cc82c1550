-- waiting: how many tasks of a tenant have not ended; those that run, which are few, among them.
-- in   :tenant
-- out  one row: count
SELECT coalesce(sum(CASE status WHEN 'created' THEN n ELSE -n END), 0)::text
  FROM (SELECT status, n FROM task_counts WHERE tenant = :tenant
         UNION ALL
        SELECT status, n FROM task_changes WHERE tenant = :tenant) AS counted
