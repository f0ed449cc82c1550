-- count_by_status: how many tasks are in each status. Reads the whole table: for people.
-- out  rows: status, count; a status without tasks has no row
SELECT status, count(*)::text
  FROM tasks
 GROUP BY status
