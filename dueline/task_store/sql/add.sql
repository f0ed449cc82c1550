-- add: insert new pending tasks (schedule, step A2). All or none.
-- in   one array per column, all of one length; in :due_ats NULL says "at execute_at"; an
--      element of :tag_lists is an array in text form
-- An id that is there already is left alone: so this can be repeated when its answer was lost.
INSERT INTO tasks (id, tenant, type, queue, payload, execute_at, due_at, created_at, tags,
                   schedule_id, occurrence_at, dedupe_key,
                   max_attempts, retry, retry_until, timeout_seconds, expires_at)
SELECT id, tenant, type, queue, payload::jsonb, execute_at, coalesce(due_at, execute_at),
       created_at, tags::text[], schedule_id, occurrence_at, dedupe_key,
       max_attempts, retry::jsonb, retry_until, timeout_seconds, expires_at
  FROM unnest(:ids::uuid[], :tenants::text[], :task_types::text[], :queues::text[],
              :payloads::text[],
              :execute_ats::timestamptz[], :due_ats::timestamptz[], :created_ats::timestamptz[],
              :tag_lists::text[], :schedule_ids::uuid[], :occurrence_ats::timestamptz[],
              :dedupe_keys::text[],
              :max_attempts::smallint[], :retries::text[], :retry_untils::timestamptz[],
              :timeouts::float8[], :expires_ats::timestamptz[])
    AS new (id, tenant, type, queue, payload, execute_at, due_at, created_at, tags,
            schedule_id, occurrence_at, dedupe_key,
            max_attempts, retry, retry_until, timeout_seconds, expires_at)
    ON CONFLICT (id) DO NOTHING
