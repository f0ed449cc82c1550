-- list_occurrences: a page of the tasks that one schedule of a tenant made, the latest first.
-- in   as list_tasks, but
--      :before_at (occurrence); :scan, :limit
-- out  as list_tasks
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
  FROM (SELECT *, row_number() OVER (ORDER BY occurrence_at DESC) AS looked_at,
               status IN (:pending, :queued, :running, :completed, :failed, :cancelled,
                          :skipped)
               AND (:task_types::text[] IS NULL OR type = ANY (:task_types::text[]))
               AND (:queue::text IS NULL OR queue = :queue::text)
               AND (:tag::text IS NULL OR tags @> ARRAY[:tag::text])
               AND (:schedule_id::uuid IS NULL OR schedule_id = :schedule_id::uuid)
               AND (:payload::jsonb IS NULL OR payload @> :payload::jsonb)
               AND execute_at >= :execute_from::timestamptz AND execute_at < :execute_to::timestamptz
               AND created_at >= :created_from::timestamptz AND created_at < :created_to::timestamptz AS fits
          FROM (SELECT *
                  FROM tasks
                 WHERE schedule_id = :schedule_id::uuid AND tenant = :tenant
                   AND occurrence_at < :before_at::timestamptz
                 ORDER BY occurrence_at DESC
                 LIMIT :scan::bigint) AS scanned) AS judged
 WHERE fits OR looked_at = :scan::bigint
 ORDER BY occurrence_at DESC
 LIMIT :limit::bigint
