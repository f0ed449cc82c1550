-- list_tasks: a page of a tenant's tasks, the newest first.
-- in   :tenant; :pending, :queued and so on, each its own word or NULL: not wanted; :task_types,
--      :queue, :tag, :schedule_id, :payload, where NULL is no condition; :execute_from,
--      :execute_to, :created_from, :created_to (maybe -infinity, infinity);
--      :before_id; :from_id an id below which none was created in time; :scan, :limit
-- out  rows: whether it fits, then the columns that rows.task reads. At most :limit that fit; or
--      fewer and, as a last row, the one that was looked at as the :scan-th: the list goes on there
-- One branch for each status, each read in the order of its ids through tasks_listed_idx, and
-- merged: nothing is sorted, and no page costs more than :scan rows, however few fit. The statuses
-- are no literals, so that the planner cannot take an index of one status, in another order.
SELECT fits::text, id::text, tenant, type, queue, payload::text,
       (execute_at AT TIME ZONE 'UTC')::text, (due_at AT TIME ZONE 'UTC')::text,
       (created_at AT TIME ZONE 'UTC')::text, to_json(tags)::text, schedule_id::text,
       (occurrence_at AT TIME ZONE 'UTC')::text, dedupe_key, status, fence::text, attempt::text,
       max_attempts::text, retry::text, (retry_until AT TIME ZONE 'UTC')::text,
       timeout_seconds::text, (expires_at AT TIME ZONE 'UTC')::text,
       (queued_at AT TIME ZONE 'UTC')::text, (lease_until AT TIME ZONE 'UTC')::text, worker,
       (first_started_at AT TIME ZONE 'UTC')::text, (started_at AT TIME ZONE 'UTC')::text,
       (finished_at AT TIME ZONE 'UTC')::text, result::text, error, overlap,
       cancel_requested::text
  FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS looked_at,
               (:task_types::text[] IS NULL OR type = ANY (:task_types::text[]))
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
 WHERE fits OR looked_at = :scan::bigint
 ORDER BY judged.id DESC
 LIMIT :limit::bigint
