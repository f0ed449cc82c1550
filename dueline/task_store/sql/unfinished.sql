-- unfinished: the task that holds a dedupe key.
-- in   :tenant, :dedupe_key
-- out  its id; no row: the key is free
SELECT id::text
  FROM tasks
 WHERE tenant = :tenant AND dedupe_key = :dedupe_key
   AND status IN ('pending', 'queued', 'running')
