-- occurrences: a schedule's tasks around an instant, in order (schedule: explain).
-- in   :tenant, :schedule_id, :at, :before and :after (how many)
-- out  the columns that task_store.rows.task reads
SELECT id::text, tenant, type, queue, payload::text,
       (execute_at AT TIME ZONE 'UTC')::text, (due_at AT TIME ZONE 'UTC')::text,
       (created_at AT TIME ZONE 'UTC')::text, to_json(tags)::text, schedule_id::text,
       (occurrence_at AT TIME ZONE 'UTC')::text, dedupe_key, status, fence::text, attempt::text,
       max_attempts::text, retry::text, (retry_until AT TIME ZONE 'UTC')::text,
       timeout_seconds::text, (expires_at AT TIME ZONE 'UTC')::text,
       (queued_at AT TIME ZONE 'UTC')::text, (lease_until AT TIME ZONE 'UTC')::text, worker,
       (first_started_at AT TIME ZONE 'UTC')::text, (started_at AT TIME ZONE 'UTC')::text,
       (finished_at AT TIME ZONE 'UTC')::text, result::text, error, overlap,
       cancel_requested::text
  FROM ((SELECT *
           FROM tasks
          WHERE schedule_id = :schedule_id::uuid AND occurrence_at <= :at::timestamptz
          ORDER BY occurrence_at DESC
          LIMIT :before::bigint)
         UNION ALL
        (SELECT *
           FROM tasks
          WHERE schedule_id = :schedule_id::uuid AND occurrence_at > :at::timestamptz
          ORDER BY occurrence_at
          LIMIT :after::bigint)) AS around
 WHERE tenant = :tenant
 ORDER BY occurrence_at
