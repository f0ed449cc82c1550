-- add: insert a new schedule (schedule).
-- in   the columns of schedules; intervals as text
-- out  one row if its id is there afterwards: none, if another of its tenant has its name
-- An id that is there already is left alone: so this can be repeated when its answer was lost.
WITH added AS (
    INSERT INTO schedules (id, tenant, name, rule, created_at, updated_at, version, type, queue,
                           payload, tags, max_attempts, retry, retry_max_age, timeout_seconds,
                           missed, missed_within, missed_pace, overlap, paused_at, paused_until,
                           pause_note, pause_after_failures, next_at, runs_made, paced_until,
                           tzdata_version)
    VALUES (:id::uuid, :tenant, :name, :rule::jsonb, :created_at::timestamptz,
            :updated_at::timestamptz, :version::int, :task_type, :queue, :payload::jsonb,
            :tags::text[], :max_attempts::smallint, :retry::jsonb, :retry_max_age::interval,
            :timeout::float8, :missed, :missed_within::interval, :missed_pace::interval, :overlap,
            :paused_at::timestamptz, :paused_until::timestamptz, :pause_note,
            :pause_after_failures::int, :next_at::timestamptz, :runs_made::bigint,
            :paced_until::timestamptz, :tzdata_version)
        ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT id::text FROM added
 UNION
SELECT id::text FROM schedules WHERE id = :id::uuid
