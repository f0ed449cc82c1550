-- get: one task of a tenant.
-- in   :tenant, :id
-- out  the columns that rows.task reads; no row: there is no such task
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
  FROM tasks
 WHERE id = :id::uuid AND tenant = :tenant
