-- replace: write a schedule anew, and take back what was made ahead of its time (schedule: edit,
-- pause, resume; tick: pause of a failing one, change of the time zone rules).
-- in   :tenant, :id, :seen_version, :seen_next_at; the columns that can change; :now
-- out  one row if it was as seen
-- next_at is compared too, because an expansion that we waited for has made tasks that this
-- statement cannot see: then nothing is done, and the caller looks again.
WITH held AS MATERIALIZED (
    SELECT id
      FROM schedules
     WHERE tenant = :tenant AND id = :id::uuid AND version = :seen_version::int
       AND next_at IS NOT DISTINCT FROM :seen_next_at::timestamptz
       FOR UPDATE
), taken_back AS (
    DELETE FROM tasks
     USING held
     WHERE tasks.schedule_id = held.id AND occurrence_at > :now::timestamptz
       AND status IN ('pending', 'queued') AND attempt = 0
), written AS (
    UPDATE schedules
       SET version = version + 1, updated_at = :now::timestamptz,
           rule = :rule::jsonb, type = :task_type, queue = :queue, payload = :payload::jsonb,
           tags = :tags::text[], max_attempts = :max_attempts::smallint, retry = :retry::jsonb,
           retry_max_age = :retry_max_age::interval, timeout_seconds = :timeout::float8,
           missed = :missed, missed_within = :missed_within::interval,
           missed_pace = :missed_pace::interval, overlap = :overlap,
           paused_at = :paused_at::timestamptz, paused_until = :paused_until::timestamptz,
           pause_note = :pause_note, pause_after_failures = :pause_after_failures::int,
           next_at = :next_at::timestamptz, runs_made = :runs_made::bigint,
           paced_until = :paced_until::timestamptz, tzdata_version = :tzdata_version
      FROM held
     WHERE schedules.id = held.id
    RETURNING schedules.id
)
SELECT id::text FROM written
