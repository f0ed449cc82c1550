-- page: a tenant's schedules, newest first (schedule).
-- in   :tenant, :before (an id); :task_type, :queue, :tag, :name_prefix, :paused, each NULL for any;
--      :now, :limit
-- out  the columns that rows.schedule reads
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
 WHERE tenant = :tenant AND id < :before::uuid
   AND (:task_type::text IS NULL OR type = :task_type)
   AND (:queue::text IS NULL OR queue = :queue)
   AND (:tag::text IS NULL OR :tag = ANY (tags))
   AND (:name_prefix::text IS NULL OR starts_with(name, :name_prefix))
   AND (:paused::boolean IS NULL OR :paused::boolean = (
        paused_at IS NOT NULL AND coalesce(paused_until > :now::timestamptz, true)))
 ORDER BY id DESC
 LIMIT :limit::bigint
