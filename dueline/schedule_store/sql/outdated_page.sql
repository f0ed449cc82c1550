-- outdated_page: schedules whose next_at was computed with other time zone rules (tick).
-- in   :tzdata_version, :limit
-- out  rows: tenant, id
SELECT tenant, id::text
  FROM schedules
 WHERE next_at IS NOT NULL
   AND (tzdata_version < :tzdata_version OR tzdata_version > :tzdata_version)
 LIMIT :limit::bigint
