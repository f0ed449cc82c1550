-- add_one: insert one new pending task (schedule, step A2): as add does,
-- in three quarters of its time.
-- in   its columns; :due_at NULL says "at execute_at"; :tags is an array in text form
-- An id that is there already is left alone: so this can be repeated when its answer was lost.
INSERT INTO tasks (id, tenant, type, queue, payload, execute_at, due_at, created_at, tags,
                   schedule_id, occurrence_at, dedupe_key,
                   max_attempts, retry, retry_until, timeout_seconds, expires_at)
VALUES (:id::uuid, :tenant, :task_type, :queue, :payload::jsonb, :execute_at::timestamptz,
        coalesce(:due_at, :execute_at)::timestamptz, :created_at::timestamptz, :tags::text[],
        :schedule_id::uuid, :occurrence_at::timestamptz, :dedupe_key,
        :max_attempts::smallint, :retry::jsonb, :retry_until::timestamptz,
        :timeout::float8, :expires_at::timestamptz)
    ON CONFLICT (id) DO NOTHING
