-- count_by_status: how many tasks of a tenant are in each status. Reads the whole table: for people.
-- in   :tenant
-- out  rows: status, count; a status without tasks has no row
SELECT status, count(*)::text
  FROM tasks
 WHERE tenant = :tenant
 GROUP BY status
