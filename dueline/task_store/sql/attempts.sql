-- attempts: the failed and lost attempts of one task of a tenant, oldest first.
-- in   :tenant, :task_id
-- out  the columns that rows.attempt reads
SELECT task_id::text, attempt::text, (started_at AT TIME ZONE 'UTC')::text,
       (ended_at AT TIME ZONE 'UTC')::text, outcome, error, worker
  FROM attempts
 WHERE task_id = :task_id::uuid
   AND EXISTS (SELECT FROM tasks WHERE id = :task_id::uuid AND tenant = :tenant)
 ORDER BY attempt
