-- add: insert new pending tasks (schedule, step A2). All or none.
-- in   one array per column, all of one length; in :due_ats NULL says "at execute_at"
-- An id that is there already is left alone: so this can be repeated when its answer was lost.
INSERT INTO tasks (id, type, queue, payload, execute_at, due_at, created_at,
                   max_attempts, retry, retry_until, timeout_seconds, expires_at)
SELECT id, type, queue, payload::jsonb, execute_at, coalesce(due_at, execute_at), created_at,
       max_attempts, retry::jsonb, retry_until, timeout_seconds, expires_at
  FROM unnest(:ids::uuid[], :task_types::text[], :queues::text[], :payloads::text[],
              :execute_ats::timestamptz[], :due_ats::timestamptz[], :created_ats::timestamptz[],
              :max_attempts::smallint[], :retries::text[], :retry_untils::timestamptz[],
              :timeouts::float8[], :expires_ats::timestamptz[])
    AS new (id, type, queue, payload, execute_at, due_at, created_at,
            max_attempts, retry, retry_until, timeout_seconds, expires_at)
    ON CONFLICT (id) DO NOTHING
