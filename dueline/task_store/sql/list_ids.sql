-- list_ids: the next :scan of a tenant's tasks that list_tasks would look at, as ids alone: for bulk.
-- in   as list_tasks, without :limit
-- out  one row, folded: id of those that fit; then how many were looked at, and the last one's id
SELECT string_agg(id::text, E'\n' ORDER BY id DESC) FILTER (WHERE fits), count(*)::text,
       (array_agg(id ORDER BY id))[1]::text
  FROM (SELECT id, (:task_types::text[] IS NULL OR type = ANY (:task_types::text[]))
                   AND (:queue::text IS NULL OR queue = :queue::text)
                   AND (:tag::text IS NULL OR tags @> ARRAY[:tag::text])
                   AND (:schedule_id::uuid IS NULL OR schedule_id = :schedule_id::uuid)
                   AND (:payload::jsonb IS NULL OR payload @> :payload::jsonb)
                   AND execute_at >= :execute_from::timestamptz AND execute_at < :execute_to::timestamptz
                   AND created_at >= :created_from::timestamptz AND created_at < :created_to::timestamptz AS fits
          FROM (
               (SELECT * FROM tasks
                 WHERE tenant = :tenant AND status = :pending
                   AND id < :before_id::uuid AND id >= :from_id::uuid
                 ORDER BY id DESC
                 LIMIT :scan::bigint)
                 UNION ALL
               (SELECT * FROM tasks
                 WHERE tenant = :tenant AND status = :queued
                   AND id < :before_id::uuid AND id >= :from_id::uuid
                 ORDER BY id DESC
                 LIMIT :scan::bigint)
                 UNION ALL
               (SELECT * FROM tasks
                 WHERE tenant = :tenant AND status = :running
                   AND id < :before_id::uuid AND id >= :from_id::uuid
                 ORDER BY id DESC
                 LIMIT :scan::bigint)
                 UNION ALL
               (SELECT * FROM tasks
                 WHERE tenant = :tenant AND status = :completed
                   AND id < :before_id::uuid AND id >= :from_id::uuid
                 ORDER BY id DESC
                 LIMIT :scan::bigint)
                 UNION ALL
               (SELECT * FROM tasks
                 WHERE tenant = :tenant AND status = :failed
                   AND id < :before_id::uuid AND id >= :from_id::uuid
                 ORDER BY id DESC
                 LIMIT :scan::bigint)
                 UNION ALL
               (SELECT * FROM tasks
                 WHERE tenant = :tenant AND status = :cancelled
                   AND id < :before_id::uuid AND id >= :from_id::uuid
                 ORDER BY id DESC
                 LIMIT :scan::bigint)
                 UNION ALL
               (SELECT * FROM tasks
                 WHERE tenant = :tenant AND status = :skipped
                   AND id < :before_id::uuid AND id >= :from_id::uuid
                 ORDER BY id DESC
                 LIMIT :scan::bigint)
                 ORDER BY id DESC
                 LIMIT :scan::bigint) AS scanned) AS judged
