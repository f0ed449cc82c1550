-- get: one schedule, by id or by name (schedule).
-- in   :tenant; :id or :name, the other NULL
-- out  the columns that rows.schedule reads; no row: there is no such schedule
SELECT id::text, tenant, version::text, queue, rule::text,
       (created_at AT TIME ZONE 'UTC')::text,
       missed, extract(epoch FROM missed_within)::text, extract(epoch FROM missed_pace)::text,
       (paused_at AT TIME ZONE 'UTC')::text, (paused_until AT TIME ZONE 'UTC')::text,
       to_json(pause_note)::text, (next_at AT TIME ZONE 'UTC')::text, runs_made::text,
       (paced_until AT TIME ZONE 'UTC')::text,
       name, (updated_at AT TIME ZONE 'UTC')::text, type, payload::text, to_json(tags)::text,
       max_attempts::text, retry::text, extract(epoch FROM retry_max_age)::text,
       timeout_seconds::text, overlap, pause_after_failures::text, tzdata_version
  FROM schedules
 WHERE tenant = :tenant AND (id = :id::uuid OR name = :name)
