-- add_once: insert new pending tasks, together with the answer that is kept under an idempotency
-- key: both or neither. Not repeated by the adapter, which then would take its own for another's.
-- in   those of add; :tenant, :key, :fingerprint, :status, :location, :answer, :now
-- out  one row: whether the key was free of others at work; whether the tasks were inserted. Both
--      'true': done. Free and not inserted: the key has been used, kept_answer reads by whom.
-- The advisory lock is let go at the end of the transaction. Each insert takes a few keys along
-- that are a day old, so that the table needs no other keeper.
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended(:tenant || E'\n' || :key, 0)) AS mine
), kept AS (
    INSERT INTO idempotency_keys (tenant, key, fingerprint, status, location, body, created_at)
    SELECT :tenant, :key, :fingerprint, :status::smallint, :location, :answer, :now::timestamptz
      FROM turn
     WHERE mine
        ON CONFLICT ON CONSTRAINT idempotency_keys_used_once DO NOTHING
    RETURNING 1
), old AS (
    DELETE FROM idempotency_keys
     WHERE (tenant, key) IN (
           SELECT tenant, key
             FROM idempotency_keys
            WHERE tenant = :tenant AND created_at < :now::timestamptz - interval '1 day'
              AND key <> :key AND EXISTS (SELECT FROM kept)
            ORDER BY created_at
            LIMIT 10
              FOR UPDATE SKIP LOCKED)
), added AS (
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
 WHERE EXISTS (SELECT FROM kept)
    RETURNING 1
)
SELECT mine::text, EXISTS (SELECT FROM kept)::text
  FROM turn
